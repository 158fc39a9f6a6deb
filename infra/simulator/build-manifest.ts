import pMap from 'p-map';
import { parseStatus, storedStatus } from '../../shared/pipeline/status.ts';
import type { Agent } from './agenda.ts';
import { runUntilStopped } from './execution.ts';
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
  const holder = world.random.uuid();
  const lock = lockRecord(world, build.date, holder);
  if (!(await world.table.insert(lock, world.now()))) return;
  const unlock = () => world.table.unlock(lock, holder);
  const { chosen, isOverwritten } = await choose(world, build);
  if (chosen.length === 0) return void (await unlock());
  const manifest = newManifest(world, build);
  const files = await claim(world, build.date, chosen);
  if (world.faults.happens('lock_left', build.date)) {
    expireInTime(world, lock);
    return strand(world, files, 'lock_left');
  }
  const fault = yield* list(world, manifest, files);
  await unlock();
  if (fault !== undefined) return strand(world, files, fault);
  if (isOverwritten) startTwin(world, manifest);
  yield* startExecution(world, manifest, files);
}

/** The files to take: none if fewer are pending than needed, and half of them if another builder is to take the rest. */
async function choose(world: World, { date, atLeast, name }: Build) {
  const pending = (await world.pending.byDate()).get(date) ?? [];
  if (pending.length < atLeast) return { chosen: [], isOverwritten: false };
  const all = pending.slice(0, world.settings.maxFiles);
  const isOverwritten = all.length > 1 && !name && world.faults.happens('manifest_overwritten', date);
  return { chosen: isOverwritten ? all.slice(0, Math.ceil(all.length / 2)) : all, isOverwritten };
}

/** Writes the manifest of the files, and its path into their records; or stops where the builder died. */
async function* list(
  world: World,
  manifest: Manifest,
  files: readonly PendingFile[],
): Agent<Fault | undefined> {
  yield after(world, 0.1, 0.4);
  if (files.length === 0 || world.faults.happens('builder_died', manifest.date)) return 'builder_died';
  const isLost = world.faults.happens('manifest_lost', manifest.date);
  if (!isLost) await putManifest(world, manifest, files);
  yield after(world, 0.1, 0.3);
  await assign(world, manifest, files);
  return isLost ? 'manifest_lost' : undefined;
}

/** Another builder of the same second takes what is left, and gives its manifest the same name. */
function startTwin(world: World, { date, name }: Manifest): void {
  world.agenda.start(buildManifest(world, { date, atLeast: 1, name }), { atMillis: world.now() });
}

/** The execution starts first; only then is the manifest registered, whatever the execution wrote meanwhile. */
async function* startExecution(world: World, manifest: Manifest, files: readonly PendingFile[]): Agent {
  const { faults, random } = world;
  yield after(world, 0.05, 0.2);
  if (faults.happens('claim_released', manifest.date)) return release(world, manifest, files);
  const isStarted = !faults.happens('never_started', manifest.date);
  const arn = `${EXECUTION}:${random.uuid()}`;
  if (isStarted) world.agenda.start(runUntilStopped(world, manifest, arn), after(world, 0.2, 1));
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

/**
 * Numbered by the registered manifests, so two builders in the same second choose the same name, unless the settings
 * forbid it.
 */
function newManifest(world: World, { date, name }: Build): Manifest {
  const { namesCollide } = world.settings;
  let number = (world.registered.get(date) ?? 0) + 1;
  let manifest = manifestNamed(world, date, name ?? nextName(world, number));
  while (!name && !namesCollide && world.claimed.has(manifest.uri))
    manifest = manifestNamed(world, date, nextName(world, ++number));
  return manifest;
}

function nextName(world: World, number: number): string {
  const [day = '', time = ''] = new Date(world.now()).toISOString().split(/[T.]/);
  const stamp = `${day.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
  const kind = world.settings.wakesOn === 'insert' ? 'stream-batch' : 'batch';
  return `${kind}-${String(number).padStart(4, '0')}-${stamp}.json`;
}

function manifestNamed({ buckets, settings }: World, date: string, name: string): Manifest {
  const key = `manifests/${date}/${name}`;
  const uri = `s3://${buckets.manifest}/${key}`;
  return { date, name, key, uri, path: settings.version === 'B' ? key : uri };
}

/** A claim has a placeholder path until the manifest is written. */
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
    world.ledger.setStatus(file, 'manifested', world.now());
    delete file.stranded;
  }
  return files;
}

async function putManifest(world: World, manifest: Manifest, files: readonly PendingFile[]): Promise<void> {
  const URIPrefixes = files.map((file) => uriOf(world, file));
  const globalUploadSettings = { format: 'JSON', textqualifier: '"' };
  const body = JSON.stringify({ fileLocations: [{ URIPrefixes }], globalUploadSettings });
  await putExpiring(world, 'manifest', manifest.key, body);
  // Both builders started an execution, and both executions read what is there now, so all of these files are affected.
  // A claim that was given back and taken again within the second is of the same file.
  const names = new Set(files.map(({ file_key }) => file_key));
  const earlier = (world.claimed.get(manifest.uri) ?? []).filter(({ file_key }) => !names.has(file_key));
  if (earlier.length === 0) return;
  for (const { file } of known(world, [...earlier, ...files]))
    world.ledger.note(file, 'manifest_overwritten', world.now());
}

/** Writes the manifest's path into each record that still has the status of the claim. */
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

/** Sets the files back to pending because their execution could not be started; the next event takes them. */
async function release(world: World, manifest: Manifest, files: readonly PendingFile[]): Promise<void> {
  for (const { file, record } of known(world, files)) {
    const status = storedStatus('pending', parseStatus(record.status).suffix);
    const set = inFlightFields(world, record, { status, manifest_path: null });
    const expected = { manifest_path: manifest.path, status: record.status };
    if (!(await world.table.update(record, { set, expected }))) continue;
    world.ledger.note(file, 'claim_released', world.now());
    world.ledger.setStatus(file, 'pending', world.now());
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
