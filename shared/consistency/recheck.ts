import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import type { EvidenceDeps, EvidenceLoader } from '../pipeline/evidence-loader.ts';
import { filedDays } from '../pipeline/filed-days.ts';
import { isInListing } from '../pipeline/layout.ts';
import { bareName, dateOfName, type Location, possibleFileKeys } from '../pipeline/names.ts';
import { newestTime } from '../pipeline/record.ts';
import { readRefusal } from '../pipeline/refusal.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import { checkObject, type ObjectCheck } from '../pipeline/storage.ts';
import { type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { readHead } from '../projection/projection-table.ts';
import type { ConsistencyIssue } from './issue-types.ts';
import { issuesOfObjects, type KnownOfName, missingInputIssue, uploadedAgainIssue } from './issues.ts';
import type { ListedObject, TrackedRecord, Unpaired } from './pairing.ts';
import { isUploadedAgain, takenAt } from './uploaded-again.ts';

/** The result of rechecking an unpaired item. */
export type Rechecked =
  | { readonly kind: 'issue'; readonly issue: ConsistencyIssue }
  /** A record's object, outside the folders that are listed. */
  | { readonly kind: 'elsewhere' }
  /** Too young to be judged. */
  | { readonly kind: 'young' }
  /** Could not be checked. */
  | { readonly kind: 'unknown' };

/** What rechecking works on. */
export interface RecheckDeps extends EvidenceDeps, Pick<Deps, 'projection'> {
  readonly evidence: EvidenceLoader;
  readonly graceMillis: number;
}

const CONCURRENT_LOOKS = 16;

/**
 * Rechecks what stayed alone in a page: only what still has no partner is an issue. Its partner may have come or gone
 * in the meantime, be in another page or folder, or be spelled in an unforeseen way.
 */
export async function recheckUnpaired(
  deps: RecheckDeps,
  date: string,
  unpaired: readonly Unpaired[],
): Promise<Rechecked[]> {
  const rechecked = await pMap(
    unpaired,
    async ({ objects, records }) => {
      const results = await recheckObjects(deps, date, objects);
      for (const record of records) results.push(...(await recheckRecord(deps, date, record)));
      return results;
    },
    { concurrency: CONCURRENT_LOOKS },
  );
  return rechecked.flat();
}

/** Objects of one name: while one of them is young, its record may be about to come. */
async function recheckObjects(
  deps: RecheckDeps,
  date: string,
  objects: readonly ListedObject[],
): Promise<Rechecked[]> {
  const [first] = objects;
  if (!first) return [];
  const { now, graceMillis, storage, profile } = deps;
  const known = await lookUp(deps, recordKeysOf(first, date, now));
  const alone = known.record ? objects : await withoutRefusedLater(deps, objects);
  // An object with a record was not refused.
  const copies = known.record ? [] : alone.filter(({ place }) => place === 'quarantine');
  const refusals = await Promise.all(copies.map((copy) => readRefusal(storage, profile, copy)));
  const rules = { inputBucket: storage.buckets.input, profile, now };
  const issues = issuesOfObjects(alone, { ...known, refusals }, rules);
  const isYoung = objects.some(({ modified }) => modified > now - graceMillis);
  return issues.map((issue) => (isYoung ? { kind: 'young' } : { kind: 'issue', issue }));
}

/** The keys that the record of an object may have: in every spelling of its name, on each day on which it may be filed. */
export function recordKeysOf(
  { name, location, modified }: Pick<ListedObject, 'name' | 'location' | 'modified'>,
  date: string,
  now: number,
): readonly RecordKey[] {
  const days = isDated(location) ? [date] : filedDays(modified, now);
  const names = possibleFileKeys(bareName(name));
  return days.flatMap((date_prefix) => names.map((file_key) => ({ date_prefix, file_key })));
}

function isDated({ key }: Location): boolean {
  return dateOfName(key) !== undefined;
}

/**
 * Without inputs whose copy in quarantine is from another day, where it is listed: a key without a date belongs to the day
 * of its upload, and its copy to that of the refusal.
 */
async function withoutRefusedLater(
  { storage, profile }: RecheckDeps,
  objects: readonly ListedObject[],
): Promise<readonly ListedObject[]> {
  const { s3, buckets } = storage;
  const kept = objects.map(async (object) => {
    if (object.place !== 'input' || isDated(object.location)) return [object];
    const key = profile.quarantine.prefix + object.location.key;
    if (objects.some(({ place, location }) => place === 'quarantine' && location.key === key))
      return [object];
    const copy = await checkObject(s3, { bucket: buckets.quarantine, key });
    // A HEAD has no milliseconds.
    return copy.found === 'yes' && copy.modified + 999 >= object.modified ? [] : [object];
  });
  return (await Promise.all(kept)).flat();
}

async function lookUp(
  { tracking, projection }: RecheckDeps,
  keys: readonly RecordKey[],
): Promise<KnownOfName> {
  for (const key of keys) {
    const record = await readRecord(tracking, key);
    if (record) return { record };
  }
  for (const key of keys) {
    const head = await readHead(projection, key);
    if (head) return { head };
  }
  return {};
}

async function recheckRecord(
  deps: RecheckDeps,
  date: string,
  { file_key }: TrackedRecord,
): Promise<Rechecked[]> {
  const { tracking, evidence, now, graceMillis } = deps;
  const record = await readRecord(tracking, { date_prefix: date, file_key });
  if (!record) return [];
  const input = await evidence.inputOf(record);
  if (input.found === 'unknown') return [{ kind: 'unknown' }];
  if (input.found === 'yes') return recheckFound(deps, record, input);
  if (!isInFlight(parseStatus(record.status).status)) return [];
  if (newestTime(record, now) > now - graceMillis) return [{ kind: 'young' }];
  return [{ kind: 'issue', issue: missingInputIssue(record, input.location) }];
}

/** An object that a listing shows is checked as an object. */
function recheckFound(
  { now, graceMillis, storage, profile }: RecheckDeps,
  record: TrackingRecord,
  input: Extract<ObjectCheck, { found: 'yes' }>,
): Rechecked[] {
  const { bucket, key } = input.location;
  if (bucket === storage.buckets.input && isInListing(record.date_prefix, key, profile)) return [];
  const found: Rechecked[] = [{ kind: 'elsewhere' }];
  if (!isUploadedAgain(input.modified, takenAt(record, now))) return found;
  if (input.modified > now - graceMillis) return [...found, { kind: 'young' }];
  return [...found, { kind: 'issue', issue: uploadedAgainIssue(input, record, { profile, now }) }];
}
