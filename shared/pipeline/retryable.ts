import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { shellWord } from '../text/shell-text.ts';
import { bareName, isPlainName, parsePath } from './names.ts';
import { parseStatus } from './status.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** Why a file may not be put back to pending, unless somebody insists. */
export interface ResetObstacle {
  readonly code: 'NAME_UNREADABLE';
  /** One sentence, which follows the file's name: "its input object …". */
  readonly sentence: string;
}

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

/** Whether an execution may have a file: the obstacle is looked for only then. */
export function mayBeRunning({ status }: TrackingRecord): boolean {
  const name = parseStatus(status).status;
  return name === 'manifested' || name === 'processing';
}

/** The commands that tell of an execution and stop it, for a person to copy. */
export function executionCommands(arn: string, cause = 'its files are to be converted anew'): string[] {
  const named = `--execution-arn ${shellWord(arn)}`;
  return [
    `aws stepfunctions describe-execution ${named}`,
    `aws stepfunctions stop-execution ${named} --cause ${shellWord(cause)}`,
  ];
}
