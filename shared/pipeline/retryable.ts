import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { shellWord } from '../text/shell-text.ts';
import type { ExecutionState } from './execution.ts';
import { bareName, eventKey, eventSpelling, isPlainName, type Location, parsePath } from './names.ts';
import { parseStatus } from './status.ts';
import { type ObjectCheck, uriOf } from './storage.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** Why a file may not be put back to pending, or not be changed at all, unless somebody insists. */
export interface ResetObstacle {
  readonly code: ResetObstacleCode;
  /** One sentence, which follows the file's name: "its input object …". */
  readonly sentence: string;
  /** What may still run, where it is known. */
  readonly execution_arn?: string | undefined;
}

export type ResetObstacleCode =
  | 'NAME_UNREADABLE'
  | 'INPUT_GONE'
  | 'INPUT_UNKNOWN'
  | 'STILL_RUNNING'
  | 'ROWS_IN_OUTPUT'
  /** Of any change: nothing in the record tells one upload from the next. */
  | 'VERSION_UNKNOWN';

/** What decides whether a file may be put back to pending. */
export interface ResetFacts {
  /** Undefined when it was not looked at. */
  readonly input: ObjectCheck | undefined;
  /** Undefined for a file that no execution has: only a manifested or processing one may. */
  readonly execution: ExecutionState | undefined;
  /** Whether the last verification of its date found rows of it in the output. */
  readonly hasRows?: boolean;
}

/**
 * Why a file must not be put back to pending by accident. A job reads every URI of its manifest, and fails as a
 * whole when one cannot be read: such a file takes its innocent neighbours with it, each time. And a file whose
 * execution still runs, or whose rows are in the output, would be converted twice, of which the table tells nothing.
 * Pure.
 */
export function obstacleToReset(
  record: TrackingRecord,
  { input, execution, hasRows = false }: ResetFacts,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  const rows = hasRows ? ROWS_IN_OUTPUT : undefined;
  return nameObstacle(record, profile) ?? inputObstacle(input) ?? rows ?? executionObstacle(execution);
}

const ROWS_IN_OUTPUT = {
  code: 'ROWS_IN_OUTPUT',
  sentence: 'its rows are in the output: a reset would convert it twice',
} as const satisfies ResetObstacle;

/** The obstacle that the record alone shows: the job could not read its name. */
export function nameObstacle(
  record: TrackingRecord,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  if (isReadableName(record, profile)) return undefined;
  return {
    code: 'NAME_UNREADABLE',
    sentence:
      'its name needed encoding, and jobs read the encoded name as it stands: its whole manifest would fail. Have it uploaded under a plain name',
  };
}

/** The same of an object that has no record yet: the obstacle that the record would have which the pipeline makes of it. */
export function objectNameObstacle(
  location: Location,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  const key = eventKey(location.key);
  const file_key = eventSpelling(bareName(location.key));
  return nameObstacle({ date_prefix: '', file_key, file_path: uriOf({ ...location, key }) }, profile);
}

/** What to do about an object whose name is such an obstacle, instead of having it converted. */
export const UPLOAD_PLAINLY =
  'Upload it again under a plain name: jobs cannot read this one, and its whole manifest would fail.';

/** Whether a job finds the object under the name that the record, and so a manifest, has for it. */
function isReadableName(
  { file_key, file_path }: TrackingRecord,
  { builder }: Pick<PipelineProfile, 'builder'>,
): boolean {
  if (!builder.literal_uris) return true;
  const key = parsePath(file_path, '')?.key ?? file_key;
  const folder = key.slice(0, key.length - bareName(key).length);
  return !/[+%]/.test(folder) && [bareName(key), file_key].every(isLiteral);
}

/** Of all other signs, events leave only the star as it is. */
function isLiteral(name: string): boolean {
  return isPlainName(name.replaceAll('*', ''));
}

function inputObstacle(input: ObjectCheck | undefined): ResetObstacle | undefined {
  if (!input || input.found === 'yes') return undefined;
  const uri = uriOf(input.location);
  return input.found === 'no'
    ? {
        code: 'INPUT_GONE',
        sentence: `its input object is gone (${uri}), and a manifest that names it would fail as a whole`,
      }
    : {
        code: 'INPUT_UNKNOWN',
        sentence: `its input object could not be looked at (${uri}: ${input.error})`,
      };
}

function executionObstacle(execution: ExecutionState | undefined): ResetObstacle | undefined {
  if (!execution || execution.ended) return undefined;
  const { because, first, execution_arn } = execution;
  return {
    code: 'STILL_RUNNING',
    sentence: `${because}, so that it could be converted twice: ${first}`,
    ...(execution_arn !== undefined && { execution_arn }),
  };
}

/** Whether a write of these statuses, stored ones, puts a file back to pending. */
export function isReset(from: unknown, to: unknown): boolean {
  return parseStatus(to).status === 'pending' && parseStatus(from).status !== 'pending';
}

/** Whether an execution may have a file: the obstacle is looked for only then. */
export function mayBeRunning({ status }: TrackingRecord): boolean {
  const name = parseStatus(status).status;
  return name === 'manifested' || name === 'processing';
}

/** The commands that tell of an execution and stop it, for a person to copy. */
export function executionCommands(arn: string, cause = 'its files are to be converted again'): string[] {
  const named = `--execution-arn ${shellWord(arn)}`;
  return [
    `aws stepfunctions describe-execution ${named}`,
    `aws stepfunctions stop-execution ${named} --cause ${shellWord(cause)}`,
  ];
}
