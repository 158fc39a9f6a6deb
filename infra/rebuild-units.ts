import type { DistributedRun } from './distributed-run.ts';

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
    states: {
      Segments: {
        Type: 'Pass',
        Assign: {
          units: `{% (${EXPRESSION}) %}`,
        },
        Next: 'Run',
      },
    },
  };
}
