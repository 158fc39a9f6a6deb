import pMap from 'p-map';
import type { Agent, Pause } from './agenda.ts';
import { failedRunText, failureMessage, NO_MANIFEST, pathMissing } from './error-text.ts';
import type { Fault } from './faults.ts';
import { putReport } from './job-report.ts';
import { type JobEnd, type Manifest, noteFiles, strandFiles } from './manifest.ts';
import { type InputRow, type InputRows, parquetOf } from './parquet.ts';
import { resetFiles } from './updater.ts';
import { after, idle, type World } from './world.ts';

const CONCURRENCY = 16;
const MINUTE = 60;
const HOUR = 3_600;

interface Run {
  readonly manifest: Manifest;
  readonly jobRunId: string;
  readonly startMillis: number;
}

/** Rows of an input as they were when the job read them. */
interface ReadInput extends InputRows {
  readonly upload: number;
}

/** A Glue job run: it reads every URI of the manifest literally, and either writes all rows or fails. */
export async function* runJob(world: World, manifest: Manifest): Agent<JobEnd> {
  const run: Run = { manifest, jobRunId: `jr_${world.random.hex(64)}`, startMillis: world.now() };
  const happens = (fault: Fault) => world.faults.happens(fault, manifest.date);
  world.ledger.addJobRun(manifest.uri, run.jobRunId);
  if (happens('job_missing_input')) await loseInput(world, manifest);
  yield after(world, 1, 3);
  const inputs = happens('job_failed') ? breakRun(world, manifest) : await readInputs(world, manifest);
  if (typeof inputs === 'string') {
    yield after(world, 1, 3);
    return endRun(world, run, { records: 0, error: inputs });
  }
  yield duration(world, manifest);
  const records = inputs.reduce((sum, { rows }) => sum + rows.length, 0);
  if (happens('output_lost')) noteFiles(world, manifest, 'output_lost');
  else await writeOutput(world, run, inputs);
  return endRun(world, run, {
    records,
    outputPath: `s3://${world.buckets.output}/${outputFolder(world, manifest)}`,
  });
}

async function endRun(
  world: World,
  { manifest, jobRunId, startMillis }: Run,
  result: { records: number; outputPath?: string; error?: string },
): Promise<JobEnd> {
  const manifestUri = manifest.uri;
  const isReportMissing = world.faults.happens('report_missing', manifest.date);
  if (isReportMissing) noteFiles(world, manifest, 'report_missing');
  else await putReport(world, { jobRunId, manifestUri, startMillis, ...result });
  if (result.error === undefined) return { jobRunId };
  const seconds = Math.round((world.now() - startMillis) / 1_000);
  return { jobRunId, error: failedRunText(world, { jobRunId, manifestUri, message: result.error, seconds }) };
}

/** The job fails although all of its inputs exist. @returns why */
function breakRun(world: World, manifest: Manifest): string {
  noteFiles(world, manifest, 'job_failed');
  return failureMessage(world);
}

/** How long the job works on what it has read. A job that hangs or takes long counts as idle. */
function duration(world: World, manifest: Manifest): Pause {
  const happens = (fault: Fault) => world.faults.happens(fault, manifest.date);
  if (happens('job_hung')) {
    strandFiles(world, manifest, 'job_hung');
    return idle(world, 3 * HOUR, 47 * HOUR);
  }
  if (happens('job_long')) {
    noteFiles(world, manifest, 'job_long');
    return idle(world, 20 * MINUTE, 100 * MINUTE);
  }
  if (happens('reset_while_running')) {
    // An operator resets the files although the job is still running.
    world.agenda.later(() => resetFiles(world, manifest), after(world, 1, 10));
    return after(world, 5 * MINUTE, 10 * MINUTE);
  }
  return after(world, 3, 15);
}

/** All rows, or why the job fails: the first input that does not exist under exactly its listed spelling. */
async function readInputs(world: World, { key }: Manifest): Promise<ReadInput[] | string> {
  const text = await world.objects.read(world.buckets.manifest, key);
  if (text === undefined) return NO_MANIFEST;
  const inputs = await pMap(listedUris(text), (uri) => readInput(world, uri), { concurrency: CONCURRENCY });
  const missing = inputs.find((input) => typeof input === 'string');
  if (typeof missing === 'string') return pathMissing(world, missing);
  return inputs.filter((input) => typeof input !== 'string');
}

/** @returns the URI alone if there is no such object */
async function readInput(world: World, uri: string): Promise<ReadInput | string> {
  const { bucket, key } = locationOf(uri);
  const text = await world.objects.read(bucket, key);
  if (text === undefined) return uri;
  const rows = text.split('\n').filter((line) => line !== '');
  return {
    uri,
    rows: rows.map((line): InputRow => JSON.parse(line)),
    upload: world.ledger.ofObject(key)?.uploads.length ?? 0,
  };
}

function listedUris(manifest: string): string[] {
  const { fileLocations } = JSON.parse(manifest) as { fileLocations: { URIPrefixes: string[] }[] };
  return fileLocations.flatMap(({ URIPrefixes }) => URIPrefixes);
}

/** Adds one Parquet object to those of the date. */
async function writeOutput(
  world: World,
  { manifest, jobRunId }: Run,
  inputs: readonly ReadInput[],
): Promise<void> {
  const key = `${outputFolder(world, manifest)}part-00000-${world.random.uuid()}-c000.snappy.parquet`;
  await world.objects.put(world.buckets.output, key, parquetOf(inputs, new Date(world.now()).toISOString()));
  for (const { uri, rows, upload } of inputs) {
    world.ledger.ofObject(locationOf(uri).key)?.conversions.push({
      atMillis: world.now(),
      jobRunId,
      manifestUri: manifest.uri,
      outputKey: key,
      rows: rows.length,
      upload,
    });
  }
}

function outputFolder({ settings }: World, { date }: Manifest): string {
  return `${settings.outputPrefix}merged-parquet-${date}/`;
}

/** Somebody deletes one of the inputs before the job reads them. */
async function loseInput(world: World, { uri }: Manifest): Promise<void> {
  for (const keys of world.claimed.get(uri) ?? []) {
    const file = world.ledger.file(keys);
    if (file.objectKey === undefined) continue;
    await world.objects.remove(world.buckets.input, file.objectKey);
    file.input = 'gone';
    world.ledger.note(file, 'job_missing_input', world.now());
    return;
  }
}

function locationOf(uri: string): { bucket: string; key: string } {
  const [bucket = '', ...path] = uri.replace(/^s3:\/\//, '').split('/');
  return { bucket, key: path.join('/') };
}
