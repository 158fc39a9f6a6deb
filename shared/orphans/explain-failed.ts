import { type JobError, parseJobError } from '../pipeline/job-error.ts';
import { inputLocations } from '../pipeline/layout.ts';
import { bareName, parsePath, realName } from '../pipeline/names.ts';
import { textIn } from '../pipeline/record.ts';
import { nameObstacle } from '../pipeline/retryable.ts';
import type { Check } from './check-record.ts';
import { unreadable } from './decide-verdict.ts';
import type { Facts } from './facts.ts';
import { areAllRowsThere, areRowsThere, countLinesText } from './rows.ts';
import type { RecommendedChange } from './verdict.ts';

/** The second half of a sentence about a file, and what to do. */
export interface Advice {
  readonly text: string;
  readonly change: RecommendedChange;
}

/**
 * Explains a failed file. A job fails as a whole if it cannot read one of its inputs, and its error names that input:
 * this distinguishes the file that made it fail from those that were only in the same manifest. Pure.
 */
export function explainFailed(facts: Facts, check: Pick<Check, 'storage' | 'profile' | 'now'>): Advice {
  const { record, manifest, report } = facts;
  const fromReport = report?.found === 'yes' ? report.report.error : undefined;
  const text =
    textIn(record)('error_message') ?? (manifest?.record && textIn(manifest.record)('error_message'));
  const error = parseJobError(text ?? fromReport ?? '');
  if (areRowsThere(facts, check.now)) return adviceByRows(facts);
  const retry = retryAdvice(facts, check);
  if (!error.missing) return { text: `it is settled; ${retry.text}`, change: retry.change };
  if (isMissingOne(error, facts, check))
    return { text: `its job failed because of it: ${causeText(retry)}`, change: retry.change };
  const culprit = realName(bareName(error.missing.key));
  const innocent = `it failed only because its manifest held ${culprit}, which the job could not read`;
  return retry.change === 'reset'
    ? { text: innocent, change: 'reset' }
    : { text: `${innocent}; ${retry.text}`, change: retry.change };
}

/** The last job that had it failed and reported so: a record that says otherwise would be taken for a loss. */
function adviceByRows(facts: Facts): Advice {
  const rest = areAllRowsThere(facts) ? 'nothing is missing' : countLinesText(facts.record);
  const text = `it is settled, but its rows are in the output: a reset would double them; ${rest}`;
  return { text, change: 'none' };
}

function causeText({ text, change }: Advice): string {
  return change === 'reset' ? 'its input object was missing then, but exists now' : text;
}

/** Whether it can be retried, and what to do if not. */
function retryAdvice({ record, input }: Facts, { profile }: Pick<Check, 'profile'>): Advice {
  if (nameObstacle(record, profile)) return { text: unreadable(record), change: 'quarantine' };
  switch (input?.found) {
    case 'yes':
      return { text: 'it can be retried once the error is fixed', change: 'reset' };
    case 'no':
      return {
        text: 'it cannot be retried because its input object is gone: upload the file again',
        change: 'none',
      };
    default:
      return {
        text: 'whether it can be retried is unknown, because its input object could not be checked',
        change: 'none',
      };
  }
}

/** The error names the object as the manifest does; writers of records may spell it differently. */
function isMissingOne(
  { missing }: JobError,
  { record }: Facts,
  { storage, profile }: Pick<Check, 'storage' | 'profile'>,
): boolean {
  const named = parsePath(record.file_path, storage.buckets.input);
  const places = [...(named ? [named] : []), ...inputLocations(record, storage, profile)];
  return places.some(
    ({ bucket, key }) => bucket === missing?.bucket && realName(key) === realName(missing.key),
  );
}
