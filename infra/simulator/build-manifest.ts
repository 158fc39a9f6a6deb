import pMap from 'p-map';
import { parseStatus, storedStatus } from '../../shared/pipeline/status.ts';
import type { Agent } from './agenda.ts';
import { runExecution } from './execution.ts';
import { expireInTime, putExpiring } from './expiry.ts';
import type { Fault } from './faults.ts';
import type { Manifest } from './manifest.ts';
import type { PendingFile } from './pending.ts';
import { inFlightFields, lockRecord, manifestRecord } from './records.ts';
import type { Attributes } from './table.ts';
import { after, type World } from './world.ts';

const CONCURRENCY = 16;
const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:ndjson-parquet-processor';

export interface Build {
  readonly date: string;
  /** Gives up if fewer are pending. */
  readonly atLeast: number;
  /** The name that another builder of the same second gave its manifest. */
  readonly name?: string;
}

/** Claims pending files of a date, puts their manifest and starts its execution, under the date's lock. */
export async function* buildManifest(world: World, build: Build): Agent {
  const { table, random, settings, faults } = world;
  const { date } = build;
  const holder = random.uuid();
  const lock = lockRecord(world, date, holder);
  if (!(await table.insert(lock, world.now()))) return;
  const unlock = () => table.unlock({ date_prefix: lock.date_prefix, file_key: lock.file_key }, holder);
  const pending = (await world.pending.byDate()).get(date) ?? [];
  const isOverwritten = pending.length > 1 && !build.name && faults.happens('manifest_overwritten', date);
  // The twin of an overwritten manifest takes the rest of what both had seen.
  const most = Math.min(pending.length, settings.maxFiles);
  const chosen = pending.slice(0, isOverwritten ? Math.ceil(most / 2) : most);
  if (pending.length < build.atLeast || chosen.length === 0) {
    await unlock();
    return;
  }
  const manifest = newManifest(world, build);
  const files = await claim(world, date, chosen);
  if (faults.happens('lock_left', date)) {
    expireInTime(world, lock);
    return strand(world, files, 'lock_left');
  }
  yield after(world, 0.1, 0.4);
  if (files.length === 0 || faults.happens('builder_died', date)) {
    await unlock();
    return strand(world, files, 'builder_died');
  }
  const isLost = faults.happens('manifest_lost', date);
  if (!isLost) await putManifest(world, manifest, files);
  yield after(world, 0.1, 0.3);
  await assign(world, manifest, files);
  await unlock();
  if (isLost) return strand(world, files, 'manifest_lost');
  if (isOverwritten) {
    for (const { file } of known(world, files)) world.ledger.note(file, 'manifest_overwritten', world.now());
    const twin = buildManifest(world, { date, atLeast: 1, name: manifest.name });
    world.agenda.start(twin, { atMillis: world.now() });
  }
  yield* startExecution(world, manifest, files);
}

/** The execution starts first; only then is the manifest registered, whatever the execution wrote meanwhile. */
async function* startExecution(world: World, manifest: Manifest, files: readonly PendingFile[]): Agent {
  const { faults, random } = world;
  yield after(world, 0.05, 0.2);
  if (faults.happens('claim_released', manifest.date)) return release(world, manifest, files);
  const isStarted = !faults.happens('never_started', manifest.date);
  const arn = `${EXECUTION}:${random.uuid()}`;
  if (isStarted) world.agenda.start(runExecution(world, manifest), after(world, 0.2, 1));
  else strand(world, files, 'never_started');
  yield after(world, 0.1, 0.5);
  const starter: Attributes = {
    ...(isStarted && { execution_arn: arn }),
    ...((!isStarted || world.settings.wakesOn === 'insert') && { trigger_type: 'stream' }),
  };
  const record = manifestRecord(world, { ...manifest, fileCount: files.length }, starter);
  await world.table.put(record);
  expireInTime(world, record);
  world.registered.set(manifest.date, (world.registered.get(manifest.date) ?? 0) + 1);
}

/** Numbered by what is registered: two builders of one second choose the same name. */
function newManifest(world: World, { date, name }: Build): Manifest {
  const number = (world.registered.get(date) ?? 0) + 1;
  const [day = '', time = ''] = new Date(world.now()).toISOString().split(/[T.]/);
  const stamp = `${day.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
  const kind = world.settings.wakesOn === 'insert' ? 'stream-batch' : 'batch';
  const own = name ?? `${kind}-${String(number).padStart(4, '0')}-${stamp}.json`;
  const key = `manifests/${date}/${own}`;
  const uri = `s3://${world.buckets.manifest}/${key}`;
  return { date, name: own, key, uri, path: world.settings.version === 'B' ? key : uri };
}

/** A claim holds a placeholder's place until the manifest is written. */
async function claim(world: World, date: string, chosen: readonly PendingFile[]): Promise<PendingFile[]> {
  const placeholder = `pending-manifest-${date}-1-${Math.floor(world.now() / 1_000)}`;
  const claimed = await pMap(
    chosen,
    async (file) => {
      world.pending.remove(file);
      const { suffix } = parseStatus(file.status);
      const status = storedStatus('manifested', suffix);
      const set = inFlightFields(world, file, { status, manifest_path: placeholder });
      const isDone = await world.table.update(file, { set, expected: { status: file.status } });
      return isDone ? [{ ...file, status }] : [];
    },
    { concurrency: CONCURRENCY },
  );
  const files = claimed.flat();
  for (const { file } of known(world, files)) {
    file.status = 'manifested';
    delete file.stranded;
  }
  return files;
}

async function putManifest(world: World, manifest: Manifest, files: readonly PendingFile[]): Promise<void> {
  const URIPrefixes = files.map((file) => uriOf(world, file));
  const globalUploadSettings = { format: 'JSON', textqualifier: '"' };
  const body = JSON.stringify({ fileLocations: [{ URIPrefixes }], globalUploadSettings });
  await putExpiring(world, 'manifest', manifest.key, body);
}

/** Writes the manifest's place into each record that still has the placeholder's status. */
async function assign(world: World, manifest: Manifest, files: readonly PendingFile[]): Promise<void> {
  const write = (file: PendingFile) => {
    const set = inFlightFields(world, file, { manifest_path: manifest.path });
    return world.table.update(file, { set, expected: { status: file.status } });
  };
  await pMap(files, write, { concurrency: CONCURRENCY });
  world.claimed.set(manifest.uri, [...(world.claimed.get(manifest.uri) ?? []), ...files]);
  const names = files.map(({ file_key }) => file_key);
  const { date, name, uri } = manifest;
  world.ledger.addManifest({ date, name, uri, builtMillis: world.now(), files: names, jobRunIds: [] });
}

/** Gives the files back, since their execution could not be started: the next event takes them. */
async function release(world: World, manifest: Manifest, files: readonly PendingFile[]): Promise<void> {
  for (const { file, record } of known(world, files)) {
    const status = storedStatus('pending', parseStatus(record.status).suffix);
    const set = inFlightFields(world, record, { status, manifest_path: null });
    const expected = { manifest_path: manifest.path, status: record.status };
    if (!(await world.table.update(record, { set, expected }))) continue;
    world.ledger.note(file, 'claim_released', world.now());
    file.status = 'pending';
    world.pending.add({ ...record, status });
  }
}

function strand(world: World, files: readonly PendingFile[], fault: Fault): void {
  for (const { file } of known(world, files)) world.ledger.strand(file, fault, world.now());
}

function known(world: World, files: readonly PendingFile[]) {
  return files.map((record) => ({ record, file: world.ledger.file(record) }));
}

function uriOf({ buckets }: World, { file_path, date_prefix, file_key }: PendingFile): string {
  return file_path ?? `s3://${buckets.input}/pipeline/input/${date_prefix}/${file_key}`;
}
