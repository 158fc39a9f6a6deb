import type { DistributedRun } from './distributed-run.ts';

/** Sorts before every date. */
const FIRST = ' ';
const DAY_MILLIS = 86_400_000;

/**
 * The units of an audit: the dates that the projection has noted, a page at a time. `{"days": 8}` as the
 * execution's input takes only those of the last 8 days, and those named after the future; without it all.
 */
export function auditUnits(projectionTable: string, partition: string): DistributedRun['prepare'] {
  return {
    startAt: 'Since',
    states: {
      Since: {
        Type: 'Pass',
        Assign: {
          units: [],
          after: null,
          since: `{% $exists($states.input.days) ? $fromMillis($millis() - $states.input.days * ${DAY_MILLIS}, "[Y0001]-[M01]-[D01]") : "${FIRST}" %}`,
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
        })}, {"ExpressionAttributeValues": {":pk": {"S": "DATES"}, ":since": {"S": $since}}}, $after = null ? {} : {"ExclusiveStartKey": $after}]) %}`,
        Assign: {
          units: '{% $append($units, $states.result.Items.{"date_prefix": sk.S}) %}',
          after: '{% $exists($states.result.LastEvaluatedKey) ? $states.result.LastEvaluatedKey : null %}',
        },
        Next: 'MoreDates',
      },
      MoreDates: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $after != null %}', Next: 'ListDates' }],
        Default: 'Run',
      },
    },
  };
}
