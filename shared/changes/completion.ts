import type { Table } from '../aws/deps.ts';
import { cached } from '../flow/cache.ts';
import { manifestName } from '../pipeline/manifest.ts';
import { bareName } from '../pipeline/names.ts';
import { manifestKey } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type RawAttributes, rawText, readRawRecord } from '../pipeline/tracking-table.ts';
import { parseFieldTime } from '../text/time.ts';
import type { PlanEntry } from './plan.ts';

/**
 * What is known about the job that completed a file whose own record was not updated: `completed_time` and
 * `glue_job_run_id`, as they are stored. Empty where it is unknown.
 */
export type ReadCompletion = (entry: PlanEntry, record: RawAttributes | undefined) => Promise<RawAttributes>;

const MOST_MANIFESTS = 10_000;

/** Reads each manifest's record once, however many of its files a change completes. */
export function completionReader(tracking: Table): ReadCompletion {
  const load = cached((key) => completionOfManifest(tracking, JSON.parse(key)), {
    most: MOST_MANIFESTS,
    weightOf: () => 1,
  });
  return async ({ date_prefix, new_status }, record) => {
    if (new_status !== 'completed') return NOTHING;
    const manifest = manifestName(rawText(record, 'manifest_path'), '');
    if (manifest.kind !== 'object') return NOTHING;
    // Another source, such as the job's report in the manifest bucket, would be asked here for what is missing.
    const key = manifestKey(date_prefix, bareName(manifest.location.key));
    return key ? load(JSON.stringify(key)) : NOTHING;
  };
}

const NOTHING: RawAttributes = {};

async function completionOfManifest(
  tracking: Table,
  key: { readonly date_prefix: string; readonly file_key: string },
): Promise<RawAttributes> {
  const record = await readRawRecord(tracking, key);
  if (!record || parseStatus(rawText(record, 'status')).status !== 'completed') return NOTHING;
  const { completed_time, glue_job_run_id } = record;
  return {
    ...(completed_time && parseFieldTime(completed_time.S ?? completed_time.N) && { completed_time }),
    ...(glue_job_run_id?.S && { glue_job_run_id }),
  };
}
