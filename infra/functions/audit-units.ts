import { type DistributedRun, RETRY_FAILURE, RETRY_SERVICE } from '../run-definition.ts';

const EXECUTION = '{% $states.context.Execution.Name %}';
/** Sorts before every date. */
const FIRST = ' ';
const DAY_MILLIS = 86_400_000;
const DATES_PER_PAGE = 1_000;
const DAY_FORM = '[Y0001]-[M01]-[D01]';

/** The last days, today included, newest first. */
const DAYS = `$exists($states.input.days) and $states.input.days >= 0 ? $map([0..$states.input.days], function($ago) { $fromMillis($millis() - $ago * ${DAY_MILLIS}, "${DAY_FORM}") }) : []`;

/**
 * The units of an audit: the dates that the projection has noted, one page at a time. With `{"days": 8}` as the
 * execution's input, only dates from 8 days ago on, including future ones; without it, all. Each day since then is
 * included even if it was not noted: a date whose events were all lost is known only to S3. `scheduled` is the time
 * for which the schedule started it. Schedules start at least once, and a second start for the same time ends
 * immediately: two audits of one date would overwrite each other's checkpoints. Very large dates are cut into ranges of
 * keys, which are units like dates, and dates after today that have no files are left out. The list has room for some
 * 9,000 dates, since a variable has at most 256 KiB, too.
 */
export function auditUnits(
  projectionTable: string,
  functionArn: string,
  partition: string,
): DistributedRun['prepare'] {
  return {
    startAt: 'IsScheduled',
    states: {
      IsScheduled: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $exists($states.input.scheduled) %}', Next: 'Claim' }],
        Default: 'Since',
      },
      Claim: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:dynamodb:putItem`,
        Arguments: {
          TableName: projectionTable,
          Item: {
            ...{ pk: { S: 'LEASE' }, sk: { S: 'audit' } },
            ...{ scheduled: { S: '{% $states.input.scheduled %}' }, holder: { S: EXECUTION } },
          },
          ConditionExpression: 'attribute_not_exists(pk) OR scheduled <> :scheduled OR holder = :holder',
          ExpressionAttributeValues: {
            ':scheduled': { S: '{% $states.input.scheduled %}' },
            ':holder': { S: EXECUTION },
          },
        },
        Output: '{% $states.input %}',
        Retry: [RETRY_SERVICE],
        Catch: [{ ErrorEquals: ['DynamoDb.ConditionalCheckFailedException'], Next: 'StartedTwice' }],
        Next: 'Since',
      },
      StartedTwice: { Type: 'Succeed' },
      Since: {
        Type: 'Pass',
        Assign: {
          days: `{% ${DAYS} %}`,
          units: `{% [(${DAYS}).{"date_prefix": $}] %}`,
          after: null,
          since: `{% $exists($states.input.days) ? $fromMillis($millis() - $states.input.days * ${DAY_MILLIS}, "${DAY_FORM}") : "${FIRST}" %}`,
        },
        Next: 'ListDates',
      },
      ListDates: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:dynamodb:query`,
        Arguments: `{% $merge([${JSON.stringify({
          TableName: projectionTable,
          KeyConditionExpression: 'pk = :pk AND sk >= :since',
          ConsistentRead: true,
          // The result of a state has at most 256 KiB, a page of a query a megabyte.
          ProjectionExpression: 'sk',
          Limit: DATES_PER_PAGE,
        })}, {"ExpressionAttributeValues": {":pk": {"S": "DATES"}, ":since": {"S": $since}}}, $after = null ? {} : {"ExclusiveStartKey": $after}]) %}`,
        Assign: {
          // In brackets, because JSONata turns a list of one into its only element, which a Map refuses.
          units: '{% [$append($units, $states.result.Items[$not(sk.S in $days)].{"date_prefix": sk.S})] %}',
          after: '{% $exists($states.result.LastEvaluatedKey) ? $states.result.LastEvaluatedKey : null %}',
        },
        Next: 'MoreDates',
      },
      MoreDates: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $after != null %}', Next: 'ListDates' },
          { Condition: '{% $count($units) = 0 %}', Next: 'Run' },
        ],
        Default: 'Split',
      },
      Split: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: { FunctionName: functionArn, Payload: '{% {"split": [$units.date_prefix]} %}' },
        Assign: { units: '{% [$states.result.Payload.units] %}' },
        Retry: [RETRY_SERVICE, RETRY_FAILURE],
        // A date that is not cut takes longer, and dates without files are audited; nothing else changes.
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Run' }],
        Next: 'Run',
      },
    },
  };
}
