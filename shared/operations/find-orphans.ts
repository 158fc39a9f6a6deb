import * as z from 'zod';
import { pages } from '../flow/pages.ts';
import { type HealingReport, readHealingReport } from '../healing/heal.ts';
import { createCheck } from '../orphans/check-record.ts';
import { overdueReader } from '../orphans/overdue-dates.ts';
import { SEARCH_START, searchPage } from '../orphans/search.ts';
import type { AcknowledgedVerdict, OrphanSearch, SearchCursor } from '../orphans/search-page.ts';
import { setAcknowledgedApart } from '../orphans/set-apart.ts';
import { readSweepReport } from '../orphans/sweep-report.ts';
import { ORPHAN_KINDS, type OrphanKind, type Verdict } from '../orphans/verdict.ts';
import { UNKNOWN_STATUS } from '../pipeline/status.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import {
  mergeUnknownAges,
  NO_UNKNOWN_AGES,
  shownUnknownAges,
  type UnknownAges,
} from '../pipeline/unknown-ages.ts';
import { readCounters } from '../projection/counter-items.ts';
import { type Acknowledged, readAcknowledged } from '../reports/acknowledged-files.ts';
import { grouped } from '../text/number-text.ts';
import { shownVerdict } from './answers.ts';
import { ageRules, dateRange, limitFields, nextToken } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { searchPosition } from './token-positions.ts';

const MOST_ORPHANS = 5_000;
const LARGEST_PAGE = 250;
// A page adds at most 250 verdicts of at most 6 KB, and an answer may have 6 MB.
const MOST_BYTES = 4_000_000;

export const findOrphans = operation({
  name: 'find_orphans',
  description: 'Files and manifests that are stuck for good, with evidence and what would fix them',
  input: z.strictObject({
    ...limitFields,
    kinds: z
      .array(z.enum(ORPHAN_KINDS))
      .min(1)
      .default([...ORPHAN_KINDS])
      .describe('only these kinds'),
    date_range: dateRange.optional(),
    include_acknowledged: z
      .boolean()
      .default(false)
      .describe('also list acknowledged ones, each with its acknowledgement; they are in no total'),
    limit: z.int().min(1).max(MOST_ORPHANS).default(1_000).describe('how many to list at most'),
    next_token: nextToken.optional(),
  }),
  async run(deps, { kinds, date_range: range = {}, include_acknowledged, limit, next_token, ...given }) {
    const rules = ageRules(given, deps.profile);
    const scope = ['find_orphans', deps.tracking.name, rules, kinds, range];
    const from =
      next_token === undefined
        ? SEARCH_START
        : decodePageToken<SearchCursor>(scope, next_token, searchPosition);
    const { suffixes, file } = await readCounters(deps.projection, undefined);
    const incomplete = incompleteListing(suffixes);
    const pageSize = Math.max(1, Math.min(LARGEST_PAGE, Math.floor(limit / 4)));
    const overdueIn = overdueReader({ ...deps, ...rules });
    const search = { ...createCheck({ ...deps, ...rules }), kinds, range, suffixes, pageSize, overdueIn };
    const { verdicts, acknowledged, checked, unknown, unverifiable, ageUnknown, next } = await searchUpTo(
      { ...search, known: await readAcknowledged(deps) },
      from,
      limit,
      deps.signal,
    );
    return {
      total_orphans: verdicts.length,
      // False when there is more to search, or something could not be listed or checked.
      complete: next === undefined && unknown === 0 && !incomplete,
      ...(incomplete && { incomplete }),
      checked,
      unknown,
      // Completed files whose evidence has expired: nothing is known to be wrong with them.
      unverifiable,
      // Acknowledged, until a day and for a reason that somebody gave.
      acknowledged: acknowledged.length,
      orphans: byKind(kinds, [
        ...verdicts.map((verdict) => ({ verdict })),
        ...(include_acknowledged ? acknowledged : []),
      ]),
      ...shownUnknownAges(ageUnknown),
      ...unknownStatus(file[UNKNOWN_STATUS]),
      last_sweep: await lastSweep(deps),
      ...(next && { next_token: encodePageToken(scope, next) }),
    };
  },
});

/** Files of any date that no search covers: an unknown status has no limit. */
function unknownStatus(count: number) {
  if (count <= 0) return {};
  const files = count === 1 ? '1 file has' : `${grouped(count)} files have`;
  const message = `${files} an unknown status, so it cannot be said whether they are stuck: list them with the status "unknown".`;
  return { unknown_status: { count, message } };
}

/** The result of the last scheduled search, over everything. */
async function lastSweep(deps: OperationDeps) {
  const [report, healing] = await Promise.all([readSweepReport(deps), readHealingReport(deps.projection)]);
  if (!report) return null;
  const { at, complete, incomplete, checked, unknown, unverifiable = 0, totals, acknowledged = 0 } = report;
  const { ageUnknown = NO_UNKNOWN_AGES } = report;
  return {
    at,
    complete,
    ...(incomplete && { incomplete }),
    checked,
    unknown,
    unverifiable,
    totals,
    acknowledged,
    ...shownUnknownAges(ageUnknown),
    ...(healing && { healing: shownHealing(healing) }),
  };
}

/** What was done about it, as the deployment's policy says. */
function shownHealing({ inFlight, changeId, counts, ...healing }: HealingReport) {
  return {
    ...healing,
    in_flight: inFlight,
    ...(changeId && { change_id: changeId }),
    ...(counts && { files: counts }),
  };
}

interface Found {
  readonly verdicts: readonly Verdict[];
  readonly acknowledged: readonly AcknowledgedVerdict[];
  readonly checked: number;
  readonly unknown: number;
  readonly ageUnknown: UnknownAges;
  readonly unverifiable: number;
  readonly next: SearchCursor | undefined;
}

/** Searches whole pages, as long as another one fits into the answer and the time. */
async function searchUpTo(
  search: OrphanSearch & { readonly known: Acknowledged },
  from: SearchCursor,
  limit: number,
  signal: OperationDeps['signal'],
): Promise<Found> {
  const verdicts: Verdict[] = [];
  const acknowledged: AcknowledgedVerdict[] = [];
  let found: Found = {
    ...{ verdicts, acknowledged },
    ...{ checked: 0, unknown: 0, unverifiable: 0, ageUnknown: NO_UNKNOWN_AGES },
    next: from,
  };
  let bytes = 0;
  const load = async (cursor: SearchCursor = from) =>
    setAcknowledgedApart(search.known, await searchPage(search, cursor));
  for await (const page of pages(load)) {
    verdicts.push(...page.verdicts);
    acknowledged.push(...(page.acknowledged ?? []));
    found = {
      ...{ verdicts, acknowledged },
      checked: found.checked + page.checked,
      unknown: found.unknown + page.unknown,
      ageUnknown: mergeUnknownAges(found.ageUnknown, page.ageUnknown),
      unverifiable: found.unverifiable + page.unverifiable,
      next: page.next,
    };
    bytes += Buffer.byteLength(JSON.stringify([page.verdicts, page.acknowledged]));
    const listed = verdicts.length + acknowledged.length;
    if (signal.aborted || bytes >= MOST_BYTES || listed + search.pageSize > limit) break;
  }
  return found;
}

type ListedVerdict = Pick<AcknowledgedVerdict, 'verdict'> & Partial<AcknowledgedVerdict>;
type ShownOrphans = Partial<Record<OrphanKind, ReturnType<typeof shownListed>[]>>;

/** Every requested kind has its list, which may be empty. */
function byKind(kinds: readonly OrphanKind[], listed: readonly ListedVerdict[]): ShownOrphans {
  return Object.fromEntries(
    ORPHAN_KINDS.filter((kind) => kinds.includes(kind)).map((wanted) => [
      wanted,
      listed.filter(({ verdict }) => verdict.kind === wanted).map(shownListed),
    ]),
  );
}

function shownListed({ verdict, acknowledgement: known }: ListedVerdict) {
  const acknowledged = known && { until: known.until, reason: known.reason, actor: known.actor };
  return { ...shownVerdict(verdict), ...(acknowledged && { acknowledged }) };
}
