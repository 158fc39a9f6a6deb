import { storedStatus } from '../../shared/pipeline/status.ts';
import type { RecordKeys } from './record-keys.ts';
import type { Attributes, TableItem } from './table.ts';
import { spellTime } from './time-text.ts';
import { type RecordStyle, styleOf, type World } from './world.ts';

const LOCK_SECONDS = 300;
const DAY_SECONDS = 86_400;
/** How times are spelled in the records that functions write for manifests and locks. */
const FUNCTION_STYLE: Pick<RecordStyle, 'spelling'> = { spelling: 'offset_micros' };

/** The record of a file that has just arrived; `updated_at` comes with its first update. */
export function uploadedRecord(world: World, keys: RecordKeys, path: string, suffix: string): TableItem {
  const style = styleOf(world, keys);
  const shard = /^#(\d+)$/.exec(suffix)?.[1];
  return {
    ...keys,
    status: storedStatus('pending', suffix),
    // The pipeline copies the event's key, so a path is spelled like in the event, not like the object.
    file_path: path,
    file_size_mb: style.bytes / 1_048_576,
    ...(shard !== undefined && { shard_id: Number(shard) }),
    [style.creationAttribute]: spellTime(world.now(), style.spelling),
    ttl: inFlightTtl(world),
  };
}

/** What a builder or a job writes into a file's record while it is in flight, plus `fields`. */
export function inFlightFields(world: World, keys: RecordKeys, fields: Attributes): Attributes {
  return { updated_at: timeOf(world, keys), ttl: inFlightTtl(world), ...fields };
}

/** The same for a final status; `timeAttribute` also gets the current time. */
export function finalFields(
  world: World,
  keys: RecordKeys,
  timeAttribute: string,
  fields: Attributes,
): Attributes {
  const time = timeOf(world, keys);
  return { updated_at: time, [timeAttribute]: time, ttl: recordTtl(world), ...fields };
}

/** Now, as the writer of this file's record spells it. */
export function timeOf(world: World, keys: RecordKeys): string | number {
  return spellTime(world.now(), styleOf(world, keys).spelling);
}

/** What the builder registers for a manifest after its execution has started: its status never has a suffix. */
export function manifestRecord(
  world: World,
  manifest: {
    readonly date: string;
    readonly name: string;
    readonly path: string;
    readonly fileCount: number;
  },
  starter: Attributes,
): TableItem {
  return {
    ...manifestKeys(world, manifest),
    ...starter,
    // Version B's record begins with the run, and belongs to no single manifest.
    status: world.settings.version === 'B' ? 'processing' : 'pending',
    file_count: manifest.fileCount,
    manifest_path: manifest.path,
    created_at: spellTime(world.now(), FUNCTION_STYLE.spelling),
    ttl: inFlightTtl(world),
  };
}

/** Version B has one record for all manifests of a date. */
export function manifestKeys(
  { settings }: World,
  { date, name }: { date: string; name: string },
): RecordKeys {
  return { date_prefix: date, file_key: settings.version === 'B' ? 'MANIFEST' : `MANIFEST#${name}` };
}

/** What the state machine writes into a manifest's record, which never gets an `updated_at`. */
export function manifestFields(world: World, status: 'processing' | 'completed' | 'failed'): Attributes {
  // The start is written by a function, the end by the state machine, which spells times its own way.
  const now = spellTime(world.now(), status === 'processing' ? FUNCTION_STYLE.spelling : 'zulu_millis');
  if (status === 'processing') return { status, processing_start_time: now };
  return { status, [`${status}_time`]: now, ttl: recordTtl(world) };
}

/** The lock that the builders of one date hold in turn. */
export function lockRecord(world: World, date: string, holder: string): TableItem {
  return {
    date_prefix: `LOCK#${date}`,
    file_key: 'LOCK',
    locked_by: holder,
    created_at: spellTime(world.now(), FUNCTION_STYLE.spelling),
    ttl: Math.floor(world.now() / 1_000 + LOCK_SECONDS / world.settings.speed),
  };
}

function inFlightTtl(world: World): number {
  return Math.floor(world.now() / 1_000 + world.settings.lifecycle.inFlight * DAY_SECONDS);
}

function recordTtl(world: World): number {
  return Math.floor(world.now() / 1_000 + world.settings.lifecycle.record * DAY_SECONDS);
}
