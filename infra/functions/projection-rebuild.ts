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
  description: 'Gives a head to every record of one segment of the tracking table that has none',
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
    comment: 'Gives a head to every record of the tracking table that has none',
    prepare: rebuildUnits(),
    worker: fn,
    concurrency: AT_ONCE,
    access: [],
  };
}

const SEGMENTS = 16;

// The outer brackets keep a single segment a list: JSONata takes a sequence of one for its only member.
const EXPRESSION = [
  '$id := $exists($states.input.id) ? $states.input.id : $states.context.Execution.Name',
  `$segments := $exists($states.input.segments) ? $states.input.segments : ${SEGMENTS}`,
  '[[0..$segments - 1].{"id": $id, "segment": $, "segments": $segments}]',
].join('; ');

/**
 * The units of a rebuild: the segments of a parallel scan, for a rebuild finds dates that nobody has noted.
 * `{"id": "…", "segments": 16}` as the execution's input goes on with an interrupted one; without an id the
 * rebuild is a new one and is called as the execution is.
 */
export function rebuildUnits(): DistributedRun['prepare'] {
  return {
    startAt: 'Segments',
    states: { Segments: { Type: 'Pass', Assign: { units: `{% (${EXPRESSION}) %}` }, Next: 'Run' } },
  };
}
