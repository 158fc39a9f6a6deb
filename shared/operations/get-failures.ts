import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { readCounters } from '../projection/counter-items.ts';
import { type Acknowledgement, isOfClass, readAcknowledgements } from '../reports/acknowledgements.ts';
import { readClassDates, readClassManifests } from '../statistics/class-details.ts';
import { type FailureSummary, readFailures, readSamples } from '../statistics/read-failures.ts';
import { datePrefix, failureClassId } from './inputs.ts';
import { operation } from './operation.ts';

export const getFailures = operation({
  name: 'get_failures',
  description: 'How many files failed or were refused for each cause, for one date or in total',
  input: z.strictObject({
    date_prefix: datePrefix.optional(),
    class: failureClassId
      .optional()
      .describe('only this class, with its dates, manifests and some of its files'),
  }),
  async run(deps: FailureDeps, { date_prefix, class: wanted }) {
    const found = await readFailures(deps.projection, date_prefix, deps.now);
    const known = await readAcknowledgements(deps.projection, deps.now);
    const failures = found
      .filter((each) => wanted === undefined || each.class === wanted)
      .map((each) => withWord(each, known));
    return {
      failed: sumOf(failures.map(({ failed }) => failed)),
      quarantined: sumOf(failures.map(({ quarantined }) => quarantined)),
      failures,
      ...(wanted !== undefined && (await readClass(deps, wanted, date_prefix))),
    };
  },
});

/** A class, with its acknowledgement. */
export type ShownClass = ReturnType<typeof withWord>;

function withWord(summary: FailureSummary, known: readonly Acknowledgement[]) {
  const word = known.find((each) => isOfClass(each) && each.class === summary.class);
  const acknowledged = word && { until: word.until, reason: word.reason, actor: word.actor };
  return { ...summary, ...(acknowledged && { acknowledged }) };
}

type FailureDeps = Pick<Deps, 'tracking' | 'projection' | 'now'>;

/** Where the files of a class are: exact counts by date, and manifests from a part of the records. */
async function readClass(deps: FailureDeps, classId: string, date_prefix: string | undefined) {
  const { projection } = deps;
  const [all, samples, { suffixes }] = await Promise.all([
    readFailures(projection, undefined, deps.now),
    readSamples(projection, classId),
    readCounters(projection, undefined, 'eventual'),
  ]);
  const summary = all.find((each) => each.class === classId);
  if (!summary) return { ...NOWHERE, samples };
  const dates = await readClassDates(projection, summary, date_prefix);
  const counted = date_prefix === undefined ? summary : { ...NONE, ...dates.dates[0], class: classId };
  const manifests = await readClassManifests(deps, counted, dates, suffixes);
  return {
    dates: dates.dates,
    dates_complete: dates.complete,
    manifests: manifests.manifests,
    // For how many files of the class manifests are counted.
    manifests_of_files: manifests.files,
    manifests_complete: manifests.complete,
    samples,
  };
}

const NONE = { failed: 0, quarantined: 0 };
const NOWHERE = {
  dates: [],
  dates_complete: true,
  manifests: [],
  manifests_of_files: 0,
  manifests_complete: true,
};

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
