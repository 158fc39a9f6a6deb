import type { Deps } from '../aws/deps.ts';
import { inputLocations, isTold } from '../pipeline/layout.ts';
import {
  bareName,
  eventSpelling,
  keysOfName,
  type Location,
  parsePath,
  possibleKeys,
} from '../pipeline/names.ts';
import { describeRefusal, refusalOf } from '../pipeline/refusal.ts';
import { objectNameObstacle, UPLOAD_PLAINLY } from '../pipeline/retryable.ts';
import { checkAnyOf, checkObject, type ObjectCheck, uriOf } from '../pipeline/storage.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { commandText, flagArgs } from '../text/shell-text.ts';
import { isoTime } from '../text/time.ts';
import { describeCheck, describeCopy } from './facts.ts';
import type { Evidence } from './verdict.ts';

/** What S3 shows about a name that has no record, with the evidence. */
export interface Unrecorded extends Told {
  readonly evidence: readonly Evidence[];
}

interface Told extends RecordKey {
  /**
   * `refused`: its copy is in quarantine. `never_told`: S3 never tells the pipeline about it. `no_record`: all else.
   */
  readonly status: 'refused' | 'never_told' | 'no_record';
  /** A few sentences: what it is, and what to do. */
  readonly summary: string;
  /** When it was refused or uploaded, in milliseconds since the epoch. */
  readonly at: number;
}

type UnrecordedDeps = Pick<Deps, 'storage' | 'profile' | 'now'>;

/**
 * Looks for the object of a name that has no record, and for the copy of a refused file. If the name has no folder, the
 * usual ones are tried.
 *
 * @param named a date, and a file_key, an object's key or its `s3://` address
 * @returns undefined when neither is found
 */
export async function explainUnrecorded(
  deps: UnrecordedDeps,
  named: RecordKey,
): Promise<Unrecorded | undefined> {
  const { storage, profile } = deps;
  const inputs = placesOf(deps, named);
  const copies = inputs.map(({ key }) => ({
    bucket: storage.buckets.quarantine,
    key: profile.quarantine.prefix + key,
  }));
  const look = (location: Location) => checkObject(storage.s3, location);
  const [input, copy] = await Promise.all([checkAnyOf(look, inputs), checkAnyOf(look, copies)]);
  const evidence = [describeCheck('input', input), describeCopy(copy)];
  // An object that is newer than the refusal is another upload.
  const isRefused = copy.found === 'yes' && !(input.found === 'yes' && input.modified > copy.modified);
  if (isRefused) return { ...refused(copy, profile, named), evidence };
  return input.found === 'yes' ? { ...withoutRecord(input, deps, named), evidence } : undefined;
}

function placesOf({ storage, profile }: UnrecordedDeps, named: RecordKey): readonly Location[] {
  const { buckets } = storage;
  const path = named.file_key.includes('/') ? parsePath(named.file_key, buckets.input) : undefined;
  if (!path) return inputLocations({ ...named }, storage, profile);
  const usual = DATE_AND_NAME.test(named.file_key)
    ? inputLocations({ ...named, file_key: bareName(named.file_key) }, storage, profile)
    : [];
  const { prefix } = profile.quarantine;
  const isCopy = path.bucket === buckets.quarantine && path.key.startsWith(prefix);
  const key = isCopy ? path.key.slice(prefix.length) : path.key;
  return [...usual, ...possibleKeys(key).map((each) => ({ bucket: buckets.input, key: each }))];
}

/** The name of the file as a timeline has it: it may also be a key. */
const DATE_AND_NAME = /^\d{4}-\d{2}-\d{2}\/[^/]+$/;

/** The command that tells the builder about an object, to be copied. */
function wakeCommand(date: string, key: string): string {
  return commandText('wake-builder', [date, ...flagArgs('--object', key)]);
}

type Found = Extract<ObjectCheck, { found: 'yes' }>;

function refused(copy: Found, profile: PipelineProfile, named: RecordKey): Told {
  const refusal = refusalOf(copy, profile);
  const summary = `${describeRefusal(refusal)} A refused file has no record.`;
  return { ...filedAs(refusal.originalKey, named), status: 'refused', summary, at: refusal.at };
}

function withoutRecord(
  { location, modified }: Found,
  { profile, now }: UnrecordedDeps,
  named: RecordKey,
): Told {
  const told = { ...filedAs(location.key, named), at: modified };
  const uri = uriOf(location);
  if (!isTold(location.key, profile)) {
    const { prefix, suffix } = profile.input;
    const rule = `only about keys that begin with "${prefix}" and end with "${suffix}"`;
    return { ...told, status: 'never_told', summary: `S3 never tells the pipeline about ${uri}: ${rule}.` };
  }
  if (objectNameObstacle(location, profile))
    return { ...told, status: 'no_record', summary: `${uri} has no record. ${UPLOAD_PLAINLY}` };
  const isYoung = modified > now - profile.limits.grace_hours * 3_600_000;
  const why = isYoung
    ? `its event may still be on the way, since it was uploaded at ${isoTime(modified)}.`
    : `its event was lost or is waiting in the queue. Redrive the queue's dead letters, or tell the builder about it (${wakeCommand(told.date_prefix, location.key)}), or upload it again.`;
  return { ...told, status: 'no_record', summary: `${uri} has no record: ${why}` };
}

function filedAs(key: string, { date_prefix }: RecordKey): RecordKey {
  const filed = keysOfName(key, undefined, date_prefix)[0];
  return { date_prefix: filed?.date_prefix ?? date_prefix, file_key: eventSpelling(bareName(key)) };
}
