import type { World } from './world.ts';

const MOST_CHARACTERS = 1_000;
export const JOB_NAME = 'ndjson-parquet-batch-job';

/** A job run that has failed. */
export interface FailedRun {
  readonly jobRunId: string;
  readonly manifestUri: string;
  readonly message: string;
  readonly seconds: number;
}

/** Step Functions' error object for a failed job run, as the pipeline writes it into records. */
export function failedRunText(world: World, { jobRunId, manifestUri, message, seconds }: FailedRun): string {
  const cause = {
    AllocatedCapacity: 10,
    Arguments: { '--MANIFEST_BUCKET': world.buckets.manifest, '--MANIFEST_PATH': manifestUri },
    Attempt: 0,
    CompletedOn: Math.floor(world.now()),
    ErrorMessage: message,
    ExecutionTime: seconds,
    GlueVersion: '4.0',
    Id: jobRunId,
    JobName: JOB_NAME,
    JobRunState: 'FAILED',
  };
  return errorObject('States.TaskFailed', JSON.stringify(cause));
}

/** What is written if the job was not even started, because Glue refused it for the moment or did not respond. */
export function refusedText({ random }: World, manifestUri: string): string {
  const { error, message, code } = random.pick(REFUSALS);
  if (code === '') return `manifest ${manifestUri} ${message}`;
  const details = `Service: AWSGlue; Status Code: 400; Error Code: ${code}; Request ID: ${random.uuid()}; Proxy: null`;
  return errorObject(error, `${message} (${details})`);
}

export const TIMED_OUT_TEXT = '{Error=States.Timeout, Cause=}';
export const NO_MANIFEST =
  'An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.';

/** Spark's message for a missing input; the number changes from run to run. */
export function pathMissing({ random }: World, uri: string): string {
  return `An error occurred while calling o${random.integer(60, 180)}.json. Path does not exist: ${uri}`;
}

const REFUSALS = [
  { weight: 2, error: 'Glue.AWSGlueException', message: 'Rate exceeded', code: 'ThrottlingException' },
  {
    weight: 1,
    error: 'Glue.ConcurrentRunsExceededException',
    message: `Concurrent runs exceeded for ${JOB_NAME}`,
    code: 'ConcurrentRunsExceededException',
  },
  {
    weight: 1,
    error: 'Glue.ResourceNumberLimitExceededException',
    message: 'Failed to start job run due to exceeded resource limits',
    code: 'ResourceNumberLimitExceededException',
  },
  {
    weight: 1,
    error: '',
    message: 'could not be started after 4 attempts: ReadTimeoutError on endpoint of Step Functions',
    code: '',
  },
];

/** Why a job failed although it could read its inputs; ids and numbers change from run to run. */
export function failureMessage({ random, settings }: World): string {
  const message = settings.failsAlike ? OUT_OF_MEMORY : random.pick(FAILURES).message;
  const task = `Task ${random.integer(0, 199)} in stage ${random.integer(0, 20)}.0 failed 4 times`;
  return message
    .replace('CALL', `An error occurred while calling o${random.integer(60, 180)}`)
    .replace('ABORTED', `Job aborted due to stage failure: ${task}, most recent failure`)
    .replace('REQUEST', random.hex(16).toUpperCase());
}

const OUT_OF_MEMORY = 'CALL.parquet. ABORTED: java.lang.OutOfMemoryError: Java heap space';

const FAILURES = [
  'CALL.parquet. ABORTED: org.apache.spark.SparkException: Malformed records are detected in record parsing: [null]. Parse Mode: FAILFAST.',
  OUT_OF_MEMORY,
  'CALL.parquet. ABORTED: java.io.IOException: No space left on device: /tmp/blockmgr/shuffle_9_2_0.data',
  'CALL.json. com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: REQUEST)',
  'CALL.parquet. com.amazonaws.services.s3.model.AmazonS3Exception: Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown; Request ID: REQUEST)',
  'Command failed with exit code 1',
].map((message) => ({ message, weight: 1 }));

function errorObject(error: string, cause: string): string {
  return `{Error=${error}, Cause=${cause}}`.slice(0, MOST_CHARACTERS);
}
