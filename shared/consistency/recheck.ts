import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import type { EvidenceDeps, EvidenceLoader } from '../pipeline/evidence-loader.ts';
import { isInListing } from '../pipeline/layout.ts';
import { bareName, possibleFileKeys } from '../pipeline/names.ts';
import { newestTime } from '../pipeline/record.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import { uriOf } from '../pipeline/storage.ts';
import { readRecord } from '../pipeline/tracking-table.ts';
import { readHead } from '../projection/projection-table.ts';
import { type ConsistencyIssue, issuesOfObjects, type KnownOfName } from './issues.ts';
import type { ListedObject, TrackedRecord, Unpaired } from './pairing.ts';

/** What a look at what did not pair came to. */
export type Rechecked =
  | { readonly kind: 'issue'; readonly issue: ConsistencyIssue }
  /** A record's object, outside the folders that are listed. */
  | { readonly kind: 'elsewhere' }
  /** Too young to tell. */
  | { readonly kind: 'young' }
  /** Could not be looked at. */
  | { readonly kind: 'unknown' };

/** What rechecking works on. */
export interface RecheckDeps extends EvidenceDeps, Pick<Deps, 'projection'> {
  readonly evidence: EvidenceLoader;
  readonly graceMillis: number;
}

const CONCURRENT_LOOKS = 16;

/**
 * Looks anew at what stayed alone in a page: only what still has no partner is an issue. Its partner may
 * have come or gone meanwhile, lie in another page or folder, or be spelled in an unforeseen way.
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
  const { now, graceMillis, storage } = deps;
  const known = await lookUp(deps, date, possibleFileKeys(bareName(first.name)));
  const issues = issuesOfObjects(objects, known, storage.buckets.input);
  const isYoung = objects.some(({ modified }) => modified > now - graceMillis);
  return issues.map((issue) => (isYoung ? { kind: 'young' } : { kind: 'issue', issue }));
}

async function lookUp(
  { tracking, projection }: RecheckDeps,
  date: string,
  fileKeys: readonly string[],
): Promise<KnownOfName> {
  for (const file_key of fileKeys) {
    const record = await readRecord(tracking, { date_prefix: date, file_key });
    if (record) return { record };
  }
  for (const file_key of fileKeys) {
    const head = await readHead(projection, { date_prefix: date, file_key });
    if (head) return { head };
  }
  return {};
}

async function recheckRecord(
  deps: RecheckDeps,
  date: string,
  { file_key }: TrackedRecord,
): Promise<Rechecked[]> {
  const { tracking, evidence, now, graceMillis, storage, profile } = deps;
  const record = await readRecord(tracking, { date_prefix: date, file_key });
  if (!record) return [];
  const input = await evidence.inputOf(record);
  const { bucket, key } = input.location;
  if (input.found === 'unknown') return [{ kind: 'unknown' }];
  if (input.found === 'yes') {
    return bucket === storage.buckets.input && isInListing(date, key, profile) ? [] : [{ kind: 'elsewhere' }];
  }
  if (newestTime(record, now) > now - graceMillis) return [{ kind: 'young' }];
  const { status } = parseStatus(record.status);
  if (!isInFlight(status) && Number(record.ttl) * 1000 < now) return [];
  const copy = status === 'quarantined' ? await evidence.copyOf(record) : undefined;
  if (copy?.found === 'unknown') return [{ kind: 'unknown' }];
  if (copy?.found === 'yes') return [];
  const message = `${uriOf(input.location)} does not exist; its record is ${status}.`;
  return [{ kind: 'issue', issue: { type: 'missing_in_s3', file_key, status, message } }];
}
