import { storedStatus } from '../../shared/pipeline/status.ts';
import type { Agent } from './agenda.ts';
import { wakeBuilder } from './builder.ts';
import { expireInTime, putExpiring } from './expiry.ts';
import type { KnownFile } from './ledger.ts';
import { bareName, datePrefixOf, eventSpelling, shardSuffix } from './names.ts';
import { quarantineRecorded, refuse } from './quarantine.ts';
import type { Random } from './random.ts';
import type { RecordKeys } from './record-keys.ts';
import { inFlightFields, uploadedRecord } from './records.ts';
import { oddSpelling, usualSpelling } from './time-text.ts';
import { after, idle, type World } from './world.ts';

const ODD_SUFFIXES = ['#a', '#shard-3', '-3', '/3', '#3#3'];
const UNKNOWN_STATUSES = ['on_hold', 'PENDING', 'archived'];
/** A second upload of the same name comes once the file is completed, which may take days, so each wait is longer. */
const LOOKS = 12;
const FIRST_LOOK_SECONDS = 60;

/** An object is put; if it is one of the pipeline's files, its event follows. */
export async function* upload(world: World, objectKey: string): Agent {
  const { settings, ledger } = world;
  if (!isSent(settings.inputPrefix, objectKey)) {
    await putExpiring(world, 'input', objectKey, '');
    return;
  }
  const keys = keysOfObject(world, objectKey);
  const file = ledger.file(keys);
  await putInput(world, file, objectKey);
  // If the event of the first upload was lost, this is the first one as far as the pipeline knows.
  if (file.record === 'present') ledger.note(file, 'uploaded_again', world.now());
  if (eventSpelling(objectKey) !== objectKey) ledger.note(file, 'bad_name', world.now());
  yield after(world, 0.2, 1);
  yield* tell(world, objectKey, keys);
}

/** The event of an existing object reaches the pipeline, perhaps for the first time. */
export async function* tell(world: World, objectKey: string, keys = keysOfObject(world, objectKey)): Agent {
  const { settings, random, ledger } = world;
  const file = ledger.file(keys);
  world.progress.arrived += 1;
  if (world.faults.happens('lost_event', keys.date_prefix)) {
    ledger.note(file, 'lost_event', world.now());
    return;
  }
  if (world.faults.happens('refused', keys.date_prefix)) {
    await refuse(world, file, objectKey);
    return;
  }
  const id = `${keys.date_prefix} ${keys.file_key}`;
  if (!world.styles.has(id)) world.styles.set(id, newStyle(world, file, random));
  const isNew = await record(world, keys, file, objectKey);
  if (settings.wakesOn === 'event' || (settings.wakesOn === 'insert' && isNew))
    world.agenda.later(() => wakeBuilder(world), after(world, 0.5, 2));
  if (isNew) yield* meetFaults(world, keys, file, objectKey);
}

function keysOfObject(world: World, objectKey: string): RecordKeys {
  return {
    date_prefix: datePrefixOf(objectKey, world.now()),
    file_key: eventSpelling(bareName(objectKey)),
  };
}

/** Compared byte for byte: `.NDJSON` does not match. */
function isSent(prefix: string, objectKey: string): boolean {
  return objectKey.startsWith(prefix) && objectKey.endsWith('.ndjson');
}

async function putInput(world: World, file: KnownFile, objectKey: string): Promise<void> {
  const number = file.uploads.length + 1;
  const rows = world.random.integer(2, 5);
  const lines = Array.from({ length: rows }, (_, row) =>
    rowOf(`${file.key}:${number}:${row + 1}`, world.random),
  );
  await putExpiring(world, 'input', objectKey, `${lines.join('\n')}\n`, { file });
  // If the key has no date, an object of another day is another file.
  const before = world.ledger.ofObject(objectKey);
  if (before && before !== file) before.input = 'gone';
  file.objectKey = objectKey;
  file.input = 'present';
  file.uploads.push({ atMillis: world.now(), rows });
  world.ledger.setObject(objectKey, file);
}

/** In some rows a column is missing, as in the field. */
function rowOf(id: string, random: Random): string {
  const row = {
    id,
    customer: `c-${random.hex(4)}`,
    amount: random.integer(1, 99_999) / 100,
    paid: random.chance(0.5),
  };
  return JSON.stringify(random.chance(0.3) ? { ...row, note: 'caf\u00e9 "so"' } : row);
}

function newStyle(world: World, file: KnownFile, random: Random) {
  const isOdd = world.faults.happens('odd_time', file.date);
  if (isOdd) world.ledger.note(file, 'odd_time', world.now());
  return {
    spelling: isOdd ? oddSpelling(random) : usualSpelling(random),
    creationAttribute: random.chance(0.85) ? ('created_at' as const) : ('upload_time' as const),
    bytes: random.integer(3_000, 9_000_000),
  };
}

/**
 * Writes the record of an event.
 *
 * @returns whether that was an insert. Version A leaves an existing record; version B puts it again, which is not an insert.
 */
async function record(world: World, keys: RecordKeys, file: KnownFile, objectKey: string): Promise<boolean> {
  const { table, settings, buckets } = world;
  const isOdd = world.faults.happens('odd_suffix', keys.date_prefix);
  const suffix = isOdd ? pickText(ODD_SUFFIXES, world.random) : shardSuffix(keys.file_key, settings.shards);
  const path = `s3://${buckets.input}/${eventSpelling(objectKey)}`;
  const item = uploadedRecord(world, keys, path, suffix);
  const isNew = await table.insert(item, world.now());
  if (!isNew) {
    if (settings.version === 'A') return false;
    await table.put(item);
  }
  file.record = 'present';
  world.ledger.setStatus(file, 'pending', world.now());
  delete file.stranded;
  if (isOdd) world.ledger.strand(file, 'odd_suffix', world.now());
  world.pending.add({ ...keys, status: storedStatus('pending', suffix), file_path: path });
  expireInTime(world, item, file);
  return isNew;
}

/** What may happen to a file that has just been recorded. */
async function* meetFaults(world: World, keys: RecordKeys, file: KnownFile, objectKey: string): Agent {
  const happens = (fault: Parameters<typeof world.faults.happens>[0]) =>
    world.faults.happens(fault, keys.date_prefix);
  if (happens('input_gone')) {
    world.ledger.note(file, 'input_gone', world.now());
    await world.objects.remove(world.buckets.input, objectKey);
    file.input = 'gone';
  }
  if (happens('quarantined')) await quarantineRecorded(world, keys, file, objectKey);
  if (happens('unknown_status')) await setUnknownStatus(world, keys, file);
  if (happens('uploaded_again')) {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const wait = FIRST_LOOK_SECONDS * 2 ** looks;
      yield idle(world, wait, 2 * wait);
      if (file.status !== 'completed') continue;
      yield* upload(world, objectKey);
      return;
    }
  }
}

/** Another tool gives the record a status that the pipeline does not know. */
async function setUnknownStatus(world: World, keys: RecordKeys, file: KnownFile): Promise<void> {
  const suffix = shardSuffix(keys.file_key, world.settings.shards);
  const status = storedStatus(pickText(UNKNOWN_STATUSES, world.random), suffix);
  const expected = { status: storedStatus('pending', suffix) };
  if (!(await world.table.update(keys, { set: inFlightFields(world, keys, { status }), expected }))) return;
  world.pending.remove(keys);
  world.ledger.strand(file, 'unknown_status', world.now());
}

function pickText(texts: readonly string[], random: Random): string {
  return random.pick(texts.map((text) => ({ text, weight: 1 }))).text;
}
