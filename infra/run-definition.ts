/** A state of the Amazon States Language, with JSONata for its expressions. */
type State = Readonly<Record<string, unknown>>;

/** One function called for every unit of work, many at a time. */
export interface DistributedRun {
  readonly comment: string;
  /** The states that leave the units in the variable `$units` and then go to `Run`. */
  readonly prepare: { readonly startAt: string; readonly states: Readonly<Record<string, State>> };
  /** A task that runs once all units are done. */
  readonly atEnd?: State;
  /** Part of the names of what the run creates. */
  readonly label: string;
  readonly functionArn: string;
  /** How many units are worked on at once. */
  readonly concurrency: number;
  readonly results: { readonly bucket: string; readonly prefix: string };
  readonly partition: string;
}

/**
 * The definition of a state machine that does all units. A unit that takes longer than one invocation continues in the
 * next one until the function's answer is `done`; the answer is the next request. One failed unit does not stop the
 * others, but the execution then fails and names the run.
 */
export function runDefinition(run: DistributedRun): object {
  return {
    Comment: run.comment,
    QueryLanguage: 'JSONata',
    StartAt: run.prepare.startAt,
    States: {
      ...run.prepare.states,
      Run: mapState(run),
      Count: {
        Type: 'Task',
        Resource: `arn:${run.partition}:states:::aws-sdk:sfn:describeMapRun`,
        Arguments: { MapRunArn: '{% $states.input.MapRunArn %}' },
        Output: '{% $merge([$states.input, {"Counts": $states.result.ItemCounts}]) %}',
        Retry: [RETRY_SERVICE],
        Next: 'AllDone',
      },
      AllDone: {
        Type: 'Choice',
        Choices: [
          {
            Condition: '{% $states.input.Counts.Succeeded = $states.input.Counts.Total %}',
            Next: run.atEnd ? 'AtEnd' : 'Done',
          },
        ],
        Default: 'SomeFailed',
      },
      ...(run.atEnd && { AtEnd: { ...run.atEnd, Retry: [RETRY_SERVICE], Next: 'Done' } }),
      Done: { Type: 'Succeed' },
      SomeFailed: {
        Type: 'Fail',
        Error: 'UnitsFailed',
        Cause:
          '{% $string($states.input.Counts.Total - $states.input.Counts.Succeeded) & " of " & $string($states.input.Counts.Total) & " units failed; the others are done. See " & $states.input.MapRunArn %}',
      },
    },
  };
}

function mapState({ label, functionArn, concurrency, results, partition }: DistributedRun): State {
  return {
    Type: 'Map',
    Label: label,
    Items: '{% $units %}',
    MaxConcurrency: concurrency,
    // If one unit fails, the others still have to be done; whether all succeeded is checked afterwards.
    ToleratedFailurePercentage: 100,
    ItemProcessor: {
      // A unit of a large table takes longer than the five minutes of an express execution.
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Work',
      States: {
        Work: {
          Type: 'Task',
          Resource: `arn:${partition}:states:::lambda:invoke`,
          Arguments: { FunctionName: functionArn, Payload: '{% $states.input %}' },
          Output: '{% $states.result.Payload %}',
          Retry: [RETRY_SERVICE, RETRY_FAILURE],
          Next: 'UnitDone',
        },
        UnitDone: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.done = true %}', Next: 'UnitFinished' }],
          Default: 'Work',
        },
        UnitFinished: { Type: 'Succeed' },
      },
    },
    ResultWriter: {
      Resource: `arn:${partition}:states:::s3:putObject`,
      Arguments: { Bucket: results.bucket, Prefix: results.prefix },
    },
    Next: 'Count',
  };
}

/** For errors of the service or the network, not of the unit. */
export const RETRY_SERVICE = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Sfn.SfnException',
    'DynamoDb.DynamoDbException',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** A failed unit keeps its progress, so a retry only costs what is left. */
export const RETRY_FAILURE = {
  ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
  IntervalSeconds: 30,
  MaxAttempts: 2,
  BackoffRate: 2,
};
