import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';

const LOCK_FILE_KEY = 'LOCK';
const DIGITS = [...'0123456789'];

/**
 * Drops the builders' locks (`LOCK#<date>`, `LOCK`), which are no business of the projection, before they cost
 * an invocation. A record passes when one of the two holds, so what is dropped is named LOCK and has no date.
 *
 * Only keys are looked at, which insertions, changes and removals have alike: no removal of a file or manifest
 * can be lost. "Begins with anything but" is known to EventBridge, not to Lambda's filters; these are:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function streamFilters(): { [key: string]: unknown }[] {
  return [
    keysFilter('file_key', FilterRule.notEquals(LOCK_FILE_KEY)),
    keysFilter(
      'date_prefix',
      DIGITS.flatMap((digit) => FilterRule.beginsWith(digit)),
    ),
  ];
}

function keysFilter(key: string, rule: readonly object[]) {
  return FilterCriteria.filter({ dynamodb: { Keys: { [key]: { S: rule } } } });
}
