import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { shellWord } from '../text/shell-text.ts';
import type { ExecutionState } from './execution.ts';
import { bareName, eventKey, eventSpelling, isPlainName, type Location, parsePath } from './names.ts';
import { parseStatus } from './status.ts';
import { type ObjectCheck, uriOf } from './storage.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** Why a file may not be reset, or not be changed at all, without force. */
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
  /** For any change: nothing in the record distinguishes one upload from the next. */
  | 'VERSION_UNKNOWN';

/** What decides whether a file may be reset. */
export interface ResetFacts {
  /** Undefined when it was not checked. */
  readonly input: ObjectCheck | undefined;
  /** Undefined for a file that no execution has: only manifested or processing files can have one. */
  readonly execution: ExecutionState | undefined;
  /**
   * `may_be`: it is completed, and no recent verification proves that it was never converted. Undefined: nothing says that
   * the output has rows of it.
   */
  readonly rows?: 'found' | 'may_be' | undefined;
}

/**
 * Why a file must not be reset by accident. A job reads every URI of its manifest, and fails as a whole if one cannot
 * be read: such a file makes the other files of its manifest fail, each time. And a file whose execution still runs, or
 * whose rows are in the output, would be converted twice, which the table does not show. Pure.
 */
export function obstacleToReset(
  record: TrackingRecord,
  { input, execution, rows }: ResetFacts,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  return (
    nameObstacle(record, profile) ??
    inputObstacle(input) ??
    rowsObstacle(rows) ??
    executionObstacle(execution)
  );
}

function rowsObstacle(rows: ResetFacts['rows']): ResetObstacle | undefined {
  return rows && { code: 'ROWS_IN_OUTPUT', sentence: ROWS_SENTENCES[rows] };
}

const ROWS_SENTENCES = {
  found: 'its rows are in the output: a reset would convert it twice',
  may_be:
    'it is completed, and no verification of the last two days proves that its rows are missing: a reset could convert it twice',
};

/** The obstacle that the record alone shows: the job could not read its name. */
export function nameObstacle(
  record: TrackingRecord,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  if (isReadableName(record, profile)) return undefined;
  return {
    code: 'NAME_UNREADABLE',
    sentence:
      'its name needed encoding, but jobs read the encoded name literally: its whole manifest would fail. Ask for an upload under a plain name',
  };
}

/** The same for an object that has no record yet: the obstacle that its future record would have. */
export function objectNameObstacle(
  location: Location,
  profile: Pick<PipelineProfile, 'builder'>,
): ResetObstacle | undefined {
  const key = eventKey(location.key);
  const file_key = eventSpelling(bareName(location.key));
  return nameObstacle({ date_prefix: '', file_key, file_path: uriOf({ ...location, key }) }, profile);
}

/** What to do about an object whose name is such an obstacle, instead of converting it. */
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

/** Of all other characters, events keep only the star. */
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
        sentence: `its input object could not be checked (${uri}: ${input.error})`,
      };
}

function executionObstacle(execution: ExecutionState | undefined): ResetObstacle | undefined {
  if (!execution || execution.ended) return undefined;
  const { because, first, execution_arn } = execution;
  return {
    code: 'STILL_RUNNING',
    sentence: `${because}, so it could be converted twice: ${first}`,
    ...(execution_arn !== undefined && { execution_arn }),
  };
}

/** Whether a write of these statuses, in their stored form, resets a file. */
export function isReset(from: unknown, to: unknown): boolean {
  return parseStatus(to).status === 'pending' && parseStatus(from).status !== 'pending';
}

/** Whether an execution may have a file: only then the obstacle is looked for. */
export function mayBeRunning({ status }: TrackingRecord): boolean {
  const name = parseStatus(status).status;
  return name === 'manifested' || name === 'processing';
}

/** The commands that show an execution and stop it, for a person to copy. */
export function executionCommands(arn: string, cause = 'its files are to be converted again'): string[] {
  const named = `--execution-arn ${shellWord(arn)}`;
  const region = regionArgs(arn);
  return [
    `aws stepfunctions describe-execution ${named}${region}`,
    `aws stepfunctions stop-execution ${named} --cause ${shellWord(cause)}${region}`,
  ];
}

/** The region of an execution and its job, as a command's last words: a shell may have another one. */
export function regionArgs(arn: string): string {
  const [, region] = /^arn:[\w-]+:states:([\w-]+):/.exec(arn) ?? [];
  return region === undefined ? '' : ` --region ${region}`;
}
