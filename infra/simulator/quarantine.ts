import { storedStatus } from '../../shared/pipeline/status.ts';
import { putExpiring } from './expiry.ts';
import type { KnownFile } from './ledger.ts';
import { shardSuffix } from './names.ts';
import type { RecordKeys } from './record-keys.ts';
import { finalFields } from './records.ts';
import type { World } from './world.ts';

const REFUSALS = ['Size 0.00MB outside expected range 0.01-100.00MB', 'Invalid extension .ndjson'];
const BAD_TEXT = 'Invalid NDJSON in line 1';

/** Refuses a file that has no record: a copy goes to the quarantine bucket, and the original stays or is deleted. */
export async function refuse(world: World, file: KnownFile, objectKey: string): Promise<void> {
  world.ledger.note(file, 'refused', world.now());
  await putCopy(world, objectKey, REFUSALS[objectKey.length % REFUSALS.length] ?? '');
  if (world.random.chance(0.5)) return;
  await world.objects.remove(world.buckets.input, objectKey);
  file.input = 'gone';
}

/** Refuses a file that already has a record. */
export async function quarantineRecorded(
  world: World,
  keys: RecordKeys,
  file: KnownFile,
  objectKey: string,
): Promise<void> {
  const suffix = shardSuffix(keys.file_key, world.settings.shards);
  const fields = { status: storedStatus('quarantined', suffix), error_message: BAD_TEXT };
  const set = finalFields(world, keys, 'quarantined_time', fields);
  const expected = { status: storedStatus('pending', suffix) };
  if (!(await world.table.update(keys, { set, expected }))) return;
  world.ledger.note(file, 'quarantined', world.now());
  world.pending.remove(keys);
  world.ledger.setStatus(file, 'quarantined', world.now());
  await putCopy(world, objectKey, BAD_TEXT);
}

/** The copy has the object's own key; only the metadata says why it is there and where it came from. */
async function putCopy(world: World, objectKey: string, quarantine_reason: string): Promise<void> {
  const body = (await world.objects.read(world.buckets.input, objectKey)) ?? '';
  const metadata = { quarantine_reason, original_bucket: world.buckets.input };
  await putExpiring(world, 'quarantine', world.settings.quarantinePrefix + objectKey, body, { metadata });
}
