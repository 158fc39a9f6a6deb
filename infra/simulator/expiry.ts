import type { Agent, Pause } from './agenda.ts';
import type { KnownFile } from './ledger.ts';
import type { PipelineBuckets } from './options.ts';
import { keysOf, type RecordKeys } from './record-keys.ts';
import type { TableItem } from './table.ts';
import type { World } from './world.ts';

const DAY_MILLIS = 86_400_000;

/** Puts an object that its bucket's lifecycle rule removes some days later. */
export async function putExpiring(
  world: World,
  bucket: 'manifest' | 'input' | 'quarantine',
  key: string,
  body: string,
  details: { readonly metadata?: Record<string, string>; readonly file?: KnownFile } = {},
): Promise<void> {
  await world.objects.put(world.buckets[bucket], key, body, details.metadata);
  const expiry = () => expireObject(world, bucket, key, details.file);
  world.agenda.later(expiry, at(world.now() + world.settings.lifecycle[bucket] * DAY_MILLIS));
}

async function expireObject(
  world: World,
  bucket: keyof PipelineBuckets & keyof World['settings']['lifecycle'],
  key: string,
  file: KnownFile | undefined,
): Promise<void> {
  const putMillis = world.objects.putMillis(world.buckets[bucket], key);
  // An object that was put again has an agent of its own.
  if (putMillis === undefined || putMillis + world.settings.lifecycle[bucket] * DAY_MILLIS > world.now())
    return;
  await world.objects.remove(world.buckets[bucket], key);
  world.progress.removed += 1;
  if (file) file.input = 'expired';
}

/** Lets a record that has just been written expire once its `ttl` has passed, whoever wrote it last. */
export function expireInTime(world: World, item: TableItem, file?: KnownFile): void {
  const keys = keysOf(item);
  const id = `${keys.date_prefix} ${keys.file_key}`;
  if (world.expiring.has(id)) return;
  world.expiring.add(id);
  world.agenda.start(expireRecord(world, keys, id, file), at(nextLook(world, Number(item.ttl))));
}

async function* expireRecord(world: World, keys: RecordKeys, id: string, file: KnownFile | undefined): Agent {
  for (;;) {
    const ttl = (await world.table.get(keys))?.ttl;
    if (typeof ttl !== 'number') break;
    if (ttl * 1_000 > world.now()) yield at(nextLook(world, ttl));
    else if (await world.table.expire(keys, world.now())) {
      world.progress.removed += 1;
      world.pending.remove(keys);
      if (file) file.record = 'expired';
      if (world.isEndless) forget(world, keys);
      break;
    }
  }
  world.expiring.delete(id);
}

/** A simulator that may run for days does not remember what has expired. */
function forget(world: World, keys: RecordKeys): void {
  const { date_prefix, file_key } = keys;
  world.ledger.forget(keys);
  world.styles.delete(`${date_prefix} ${file_key}`);
  const name = file_key.replace(/^MANIFEST#/, '');
  world.claimed.delete(`s3://${world.buckets.manifest}/manifests/${date_prefix}/${name}`);
}

/** A later write may change the time, so a record is checked again in between. */
function nextLook({ now, settings: { lifecycle } }: World, ttl: number): number {
  const days = Math.min(lifecycle.record, lifecycle.inFlight);
  return Math.min(ttl * 1_000, now() + Math.max(days * DAY_MILLIS, 1_000));
}

function at(atMillis: number): Pause {
  return { atMillis, isIdle: true };
}
