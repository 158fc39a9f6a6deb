import { partName } from '../../shared/aws/deployment-names.ts';
import { besideAudit, items } from '../access.ts';
import type { DistributedRun } from '../run-definition.ts';
import type { RunProps } from '../runs.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, LONG } from './function.ts';

const AT_ONCE = 8;

export const projectionRebuild: FunctionDefinition = {
  ...LONG,
  atOnce: AT_ONCE,
  handler: 'projection-rebuild',
  description: 'Gives heads to the records of one segment of the tracking table that have none',
  settings: ['trackingTable', 'projectionTable', 'pipelineProfile', 'readUnitsPerSecond'],
  access: (resources) => [
    { actions: items('Scan'), resources: [resources.tracking.tableArn] },
    besideAudit(resources, 'BatchGet', 'Get', 'Put', 'Update'),
  ],
};

/** The function rebuilds one segment; this run rebuilds them all. */
export function rebuildRun(settings: EnvironmentSettings, { fn }: DeployedFunction): RunProps {
  return {
    name: partName('rebuild', settings),
    comment: 'Gives heads to the records of the tracking table that have none',
    prepare: rebuildUnits(),
    worker: fn,
    concurrency: AT_ONCE,
    access: [],
  };
}

const SEGMENTS = 16;

// The outer brackets keep a single segment a list: JSONata turns a sequence of one into its only member.
const EXPRESSION = [
  '$id := $exists($states.input.id) ? $states.input.id : $states.context.Execution.Name',
  `$segments := $exists($states.input.segments) ? $states.input.segments : ${SEGMENTS}`,
  '[[0..$segments - 1].{"id": $id, "segment": $, "segments": $segments}]',
].join('; ');

/**
 * The units of a rebuild: the segments of a parallel scan, because a rebuild also finds dates that were not noted.
 * `{"id": "…", "segments": 16}` as the execution's input resumes an interrupted rebuild; without an id, the rebuild is
 * new and is named after the execution.
 */
export function rebuildUnits(): DistributedRun['prepare'] {
  return {
    startAt: 'Segments',
    states: { Segments: { Type: 'Pass', Assign: { units: `{% (${EXPRESSION}) %}` }, Next: 'Run' } },
  };
}
