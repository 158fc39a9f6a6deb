import pMap from 'p-map';
import { parseStatus, storedStatus } from '../../shared/pipeline/status.ts';
import type { JobEnd, Manifest } from './manifest.ts';
import type { PendingFile } from './pending.ts';
import { finalFields, inFlightFields, timeOf } from './records.ts';
import type { World } from './world.ts';

const CONCURRENCY = 16;

/**
 * Marks the files of a manifest completed or failed: those whose record still has the manifest's path, whatever their status.
 * It uses the records, not what the manifest lists.
 */
export async function markFiles(
  world: World,
  manifest: Manifest,
  files: readonly PendingFile[],
  { jobRunId, error }: JobEnd,
): Promise<void> {
  const status = error === undefined ? 'completed' : 'failed';
  const mark = async (file: PendingFile) => {
    const fields = {
      status: storedStatus(status, parseStatus(file.status).suffix),
      ...(jobRunId !== undefined && { glue_job_run_id: jobRunId }),
      ...(error !== undefined && { error_message: error }),
      ...(world.settings.version === 'B' &&
        error === undefined && { output_path: outputPath(world, manifest) }),
    };
    const set = finalFields(world, file, `${status}_time`, fields);
    if (!(await world.table.update(file, { set, expected: { manifest_path: manifest.path } }))) return;
    const known = world.ledger.file(file);
    world.ledger.setStatus(known, status, world.now());
    delete known.stranded;
    world.pending.remove(file);
  };
  await pMap(files, mark, { concurrency: CONCURRENCY });
}

/** Marks the files of a manifest whose job begins. */
export async function markProcessing(world: World, manifest: Manifest): Promise<void> {
  const mark = async (file: PendingFile) => {
    const status = storedStatus('processing', parseStatus(file.status).suffix);
    const set = inFlightFields(world, file, { status, processing_start_time: timeOf(world, file) });
    const expected = { manifest_path: manifest.path, status: file.status };
    if (!(await world.table.update(file, { set, expected }))) return;
    world.ledger.setStatus(world.ledger.file(file), 'processing', world.now());
  };
  await pMap(world.claimed.get(manifest.uri) ?? [], mark, { concurrency: CONCURRENCY });
}

/** An operator resets the files of a manifest although its job is still running. */
export async function resetFiles(world: World, manifest: Manifest): Promise<void> {
  const reset = async (file: PendingFile) => {
    const status = storedStatus('pending', parseStatus(file.status).suffix);
    const set = inFlightFields(world, file, { status, manifest_path: null });
    if (!(await world.table.update(file, { set, expected: { manifest_path: manifest.path } }))) return;
    const known = world.ledger.file(file);
    world.ledger.setStatus(known, 'pending', world.now());
    world.ledger.note(known, 'reset_while_running', world.now());
    world.pending.add({ ...file, status });
  };
  await pMap(world.claimed.get(manifest.uri) ?? [], reset, { concurrency: CONCURRENCY });
}

function outputPath({ buckets, settings }: World, { date }: Manifest): string {
  return `s3://${buckets.output}/${settings.outputPrefix}merged-parquet-${date}/`;
}
