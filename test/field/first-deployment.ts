import { createProjectionTable } from '../../infra/local/tables.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { runRebuild } from '../../shared/projection/rebuild-run.ts';
import { applyDeps } from '../support/projection.ts';
import { type Swept, sweep } from './checks.ts';
import type { Scene } from './scene.ts';

/** What the State Manager says at once of a table that has been full for weeks, with nothing remembered. */
export async function sweepAsNew(scene: Scene, now: number): Promise<Swept> {
  const aws = { ...scene.aws, projectionTable: `${scene.aws.projectionTable}-new` };
  await createProjectionTable(aws.dynamoDb, aws.projectionTable);
  const tracking = trackingTable(aws.documents, aws.trackingTable, scene.profile);
  const run = { id: 'first', segments: 2, recordsPerSecond: 1_000_000, clock: () => performance.now() };
  await runRebuild(run, { ...applyDeps(aws, { now }), tracking });
  return sweep({ ...scene, aws }, now, 'whole');
}
