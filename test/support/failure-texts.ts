import type { Random } from '../../infra/simulator/random.ts';

/** Forty causes of failure, worded like errors of Glue, Spark, Step Functions, the AWS SDKs and Python. */
const FAILURE_CAUSES: readonly { readonly name: string; readonly text: string }[] = Object.entries({
  malformed:
    'SPARK: org.apache.spark.SparkException: Malformed records are detected in record parsing: [null,null,NUMBER]. Parse Mode: FAILFAST.',
  heap: 'SPARK: java.lang.OutOfMemoryError: Java heap space',
  overhead: 'SPARK: java.lang.OutOfMemoryError: GC overhead limit exceeded',
  no_space:
    'SPARK: java.io.IOException: No space left on device: /tmp/blockmgr-UUID/SMALL/shuffle_SMALL_SMALL_0.data',
  fetch_failed:
    'SPARK: FetchFailed(BlockManagerId(SMALL, IP, 7337, None), shuffleId=SMALL, mapIndex=SMALL, mapId=NUMBER, reduceId=SMALL, message=org.apache.spark.shuffle.FetchFailedException: Connection reset by peer',
  executor_lost:
    'SPARK: ExecutorLostFailure (executor SMALL exited caused by one of the running tasks) Reason: Remote RPC client disassociated. Likely due to containers exceeding thresholds, or network issues.',
  path_missing: 'CALL.json. Path does not exist: INPUT',
  path_not_found: 'CALL.json. [PATH_NOT_FOUND] Path does not exist: INPUT.',
  denied:
    'CALL.json. INPUT: getFileStatus on INPUT: com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: REQUEST; S3 Extended Request ID: REQUEST=; Proxy: null)',
  slow_down:
    'SPARK: com.amazonaws.services.s3.model.AmazonS3Exception: Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown; Request ID: REQUEST; Proxy: null)',
  internal_error:
    'SPARK: com.amazonaws.services.s3.model.AmazonS3Exception: We encountered an internal error. Please try again. (Service: Amazon S3; Status Code: 500; Error Code: InternalError; Request ID: REQUEST; Proxy: null)',
  expired_token:
    'CALL.parquet. com.amazonaws.services.s3.model.AmazonS3Exception: The provided token has expired. (Service: Amazon S3; Status Code: 400; Error Code: ExpiredToken; Request ID: REQUEST; Proxy: null)',
  no_such_bucket:
    'CALL.json. com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Request ID: REQUEST; Proxy: null)',
  kms: 'CALL.parquet. com.amazonaws.services.kms.model.AWSKMSException: User: arn:aws:sts::NUMBER:assumed-role/glue-SMALL/GlueJobRunnerSession is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:NUMBER:key/UUID',
  no_such_key:
    'An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.',
  py_denied: 'An error occurred (AccessDenied) when calling the PutObject operation: Access Denied',
  py_slow:
    'An error occurred (SlowDown) when calling the ListObjectsV2 operation (reached max retries: SMALL): Please reduce your request rate.',
  exit_1: 'Command failed with exit code 1',
  exit_137: 'Command failed with exit code 137',
  column:
    "CALL.select. cannot resolve 'customer_SMALL' given input columns: [amount, id_SMALL, name]; line SMALL pos SMALL",
  duplicate_column: "CALL.parquet. Found duplicate column(s) in the data to save: 'id_SMALL'",
  merge_types: 'CALL.json. Failed to merge incompatible data types StringType and DoubleType',
  corrupt_gzip: 'SPARK: java.util.zip.ZipException: invalid stored block lengths',
  codec: 'SPARK: java.lang.IllegalArgumentException: Unrecognized codec snappy_NUMBER',
  utf8: "'utf-8' codec can't decode byte 0xSMALL in position NUMBER: invalid start byte",
  json_char: 'Expecting value: line SMALL column SMALL (char NUMBER)',
  key_error:
    'Traceback (most recent call last):\n  File "/tmp/glue-SMALL/job.py", line SMALL, in main\n    run(x)\nKeyError: \'fileLocations\'',
  connection: 'Could not connect to the endpoint URL: "https://glue.eu-west-SMALL.amazonaws.com/"',
  dns: 'SPARK: java.net.UnknownHostException: ip-SMALL-SMALL.eu-west-1.compute.internal: Name or service not known',
  socket: 'SPARK: java.net.SocketTimeoutException: Read timed out after NUMBER ms at TIME',
  quota:
    'LAUNCH Exceeded maximum concurrent compute capacity for your account : NUMBER. Please contact AWS Support.',
  resource: 'Resource unavailable. Failed to provision NUMBER DPU for job run jr_REQUEST',
  python_module: "ModuleNotFoundError: No module named 'pandas_SMALL'",
  commit:
    'CALL.parquet. Job aborted. Output committer for job TIME_NUMBER failed: org.apache.hadoop.fs.FileAlreadyExistsException: OUTPUT already exists',
  plain_start:
    'manifest MANIFEST could not be started after SMALL attempts: ReadTimeoutError on endpoint of Step Functions',
  operator: 'Marked as failed by hand: the input is broken',
}).map(([name, text]) => ({ name, text }));

/** Causes that Step Functions names itself, without a job. */
const STATES: Readonly<Record<string, string>> = {
  state_timeout: '{Error=States.Timeout, Cause=}',
  concurrent_runs:
    '{Error=Glue.ConcurrentRunsExceededException, Cause=Concurrent runs exceeded for batch-job (Service: AWSGlue; Status Code: 400; Error Code: ConcurrentRunsExceededException; Request ID: UUID; Proxy: null)}',
  throttled:
    '{Error=Glue.AWSGlueException, Cause=Rate exceeded (Service: AWSGlue; Status Code: 400; Error Code: ThrottlingException; Request ID: UUID; Proxy: null)}',
  heartbeat: '{Error=States.HeartbeatTimeout, Cause=}',
};
const WRITTEN_AS_THEY_ARE = new Set(['plain_start', 'operator', 'key_error', 'connection']);

const NAMED = [...FAILURE_CAUSES, ...Object.entries(STATES).map(([name, text]) => ({ name, text }))];

/** The names of all causes, in the order in which `failureText` uses them. */
export const CAUSES: readonly string[] = NAMED.map(({ name }) => name);

/** An error text of each cause in turn, each with different ids, addresses, numbers and times. */
export function failureText(
  index: number,
  random: Random,
): { readonly cause: string; readonly text: string } {
  const { name, text } = NAMED[index % NAMED.length] ?? { name: 'operator', text: '' };
  const filled = fill(text, random);
  const isWhole = name in STATES || WRITTEN_AS_THEY_ARE.has(name);
  return { cause: name, text: isWhole ? filled : failedJob(filled, random) };
}

/** Step Functions' error object of a failed Glue job, as text that is cut off at 1,000 characters. */
function failedJob(message: string, random: Random): string {
  const cause = {
    AllocatedCapacity: random.integer(2, 40),
    Arguments: { '--MANIFEST_BUCKET': 'manifests', '--MANIFEST_PATH': fill('MANIFEST', random) },
    Attempt: random.integer(0, 2),
    CompletedOn: random.integer(1_700_000_000, 1_900_000_000) * 1_000,
    ErrorMessage: message,
    ExecutionTime: random.integer(30, 9_000),
    Id: `jr_${random.hex(64)}`,
    JobName: 'batch-job',
    JobRunState: 'FAILED',
  };
  return `{Error=States.TaskFailed, Cause=${JSON.stringify(cause)}}`.slice(0, 1_000);
}

function fill(text: string, random: Random): string {
  const small = () => String(random.integer(2, 99));
  const date = () => `2026-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
  const ip = () => `172.35.${random.integer(0, 255)}.${random.integer(1, 254)}`;
  const fillings: Readonly<Record<string, () => string>> = {
    SPARK: () =>
      `An error occurred while calling o${small()}.parquet. Job aborted due to stage failure: Task ${small()} in stage ${small()}.0 failed 4 times, most recent failure: Lost task ${small()}.3 in stage ${small()}.0 (TID ${random.integer(1, 99_999)}) (${ip()} executor ${small()})`,
    CALL: () => `An error occurred while calling o${small()}`,
    LAUNCH: () => `Launching job run jr_${random.hex(64)} failed.`,
    INPUT: () =>
      `s3://input-${small()}/pipeline/input/${date()}/${date()}-test${random.integer(1, 9_999)}-${random.uuid()}.ndjson`,
    OUTPUT: () =>
      `s3://output-${small()}/merged-parquet-${date()}/part-00000-${random.uuid()}.snappy.parquet`,
    MANIFEST: () => `s3://manifests/manifests/${date()}/batch-${small()}-${random.integer(1, 999_999)}.json`,
    REQUEST: () => random.hex(16).toUpperCase(),
    UUID: () => random.uuid(),
    TIME: () => `${date()}T${two(random.integer(0, 23))}:${two(random.integer(0, 59))}:11.${small()}Z`,
    IP: ip,
    NUMBER: () => String(random.integer(1_000, 2_000_000_000)),
    SMALL: small,
  };
  return text.replace(/[A-Z]+/g, (word) => fillings[word]?.() ?? word);
}

const two = (n: number) => String(n).padStart(2, '0');
