import { uriOf } from '../pipeline/storage.ts';
import { grouped } from '../text/number-text.ts';
import type { Check, CheckResult } from './check-record.ts';
import { describeOutputs } from './facts.ts';
import type { Verdict } from './verdict.ts';
import type { DateCheck } from './verified-dates.ts';

/** Whether a check found a file without output and without a report of its job. */
export function isWithoutOutput(result: CheckResult | undefined): boolean {
  if (result?.kind !== 'orphan') return false;
  const { cause } = result.verdict;
  return cause === 'no_output' || cause === 'no_output_in_time';
}

/**
 * How many objects there are in all places where the outputs of a date are expected; undefined if they cannot be
 * listed.
 */
export async function countOutputs({ evidence }: Check, date: string): Promise<number | undefined> {
  const outputs = await evidence.outputsOf({ date_prefix: date, file_key: '' }, undefined);
  return outputs.found === 'unknown' ? undefined : outputs.count;
}

/**
 * The one verdict on a date whose completed files have no output where it is expected: so many files are not lost at
 * once, so the place must be wrong. None of them is an orphan, and none should be reset.
 */
export async function outputsNotFound(
  check: Check,
  { date, withoutOutput, converted }: DateCheck,
): Promise<{ readonly verdict: Verdict; readonly objects: number | undefined }> {
  const outputs = await check.evidence.outputsOf({ date_prefix: date, file_key: '' }, undefined);
  const places = outputs.locations.map(uriOf).join(', ');
  const total = grouped(withoutOutput + converted);
  const who =
    converted === 0
      ? `None of the ${total} completed files of ${date} has output`
      : `Of the ${total} completed files of ${date}, ${grouped(withoutOutput)} have no output`;
  const ofTheirTime = outputs.found === 'none' ? '' : ' from the time of its job';
  const verdict: Verdict = {
    date_prefix: date,
    file_key: '',
    kind: 'outputs_not_found',
    cause: 'outputs_elsewhere',
    status: 'completed',
    hours: undefined,
    summary: `${who}${ofTheirTime} under ${places}: most likely the output is elsewhere. Set pipeline.outputs.prefixes in settings.ENV.json.`,
    evidence: [describeOutputs(outputs)],
    change: 'none',
  };
  return { verdict, objects: outputs.found === 'unknown' ? undefined : outputs.count };
}
