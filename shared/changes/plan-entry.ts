import { pMapIterable } from 'p-map';
import { findRawRecord } from '../pipeline/find-record.ts';
import { allowedNext, isAllowedTransition } from '../pipeline/lifecycle.ts';
import { fileNotFound, recordKind } from '../pipeline/record.ts';
import type { ResetObstacle } from '../pipeline/retryable.ts';
import { isStatus, parseStatus, STATUSES } from '../pipeline/status.ts';
import { keyOf, type RawAttributes, type RecordKey, rawText, recordOf } from '../pipeline/tracking-table.ts';
import { tellsVersions, VERSION_UNKNOWN, versionAttributes, versionOf } from '../pipeline/version.ts';
import { field, Refused } from '../text/refused.ts';
import { cutTo } from '../text/visible-text.ts';
import type { AdditionalFields } from './additional-fields.ts';
import type { PlanEntry } from './plan.ts';
import {
  createResetCheck,
  isProvedLost,
  obstacleToWrite,
  type ResetCheck,
  type ResetDeps,
} from './reset-check.ts';

/** What an operator wants for one file. */
export interface FileRequest extends RecordKey {
  /** Without shard suffix. */
  readonly new_status: string;
  readonly additional_fields?: AdditionalFields | undefined;
  /** The status the file must have, with or without its suffix; any when left out. */
  readonly expected_status?: string | undefined;
  /** The version the record must have, as `get_file_state` gives it; any when left out. */
  readonly expected_version?: string | undefined;
  /** Allows a transition that is not an allowed one, and a reset in spite of an obstacle. */
  readonly force?: boolean | undefined;
  /** Why this file was chosen. */
  readonly why?: string | undefined;
}

/** The result of planning one request. */
export type Planned =
  | { readonly kind: 'planned'; readonly entry: PlanEntry }
  /** The file already has that status, and nothing else is to be set. */
  | { readonly kind: 'unchanged'; readonly key: RecordKey; readonly status: string }
  | { readonly kind: 'refused'; readonly key: RecordKey; readonly refusal: Refused }
  | LeftOut;

/** A file that is left as it is unless force is given: mostly one that must not be reset. */
export interface LeftOut {
  readonly kind: 'left_out';
  readonly key: RecordKey;
  /** Without suffix. */
  readonly status: string;
  readonly obstacle: ResetObstacle;
}

/**
 * Decides what one request means for the record as it was read. Pure.
 *
 * @param record undefined when there is none
 * @param isLost whether it is proved that a completed file was never converted
 */
export function planFile(request: FileRequest, record: RawAttributes | undefined, isLost = false): Planned {
  const key = keyOf(request);
  const refusal = refusalOf(request, record, isLost);
  if (refusal || !record) return { kind: 'refused', key, refusal: refusal ?? fileNotFound(key) };
  const { status } = parseStatus(rawText(record, 'status'));
  const { new_status, additional_fields = {} } = request;
  const hasFields = Object.keys(additional_fields).length > 0;
  if (status === new_status && !hasFields) return { kind: 'unchanged', key, status };
  const entry: PlanEntry = {
    ...key,
    expected: { status: rawText(record, 'status') ?? null, attributes: versionAttributes(record) },
    new_status,
    ...(hasFields && { additional_fields }),
    ...(isForced(request, record, isLost) && { forced: true as const }),
    ...(isLost && !request.force && { proved_lost: true as const }),
    why: request.why ?? 'requested by name',
  };
  return { kind: 'planned', entry };
}

/** Whether planning for it needed force. */
function isForced(
  { new_status, force = false }: FileRequest,
  record: RawAttributes,
  isLost: boolean,
): boolean {
  const { status } = parseStatus(rawText(record, 'status'));
  const isUsual = isAllowedTransition(status, new_status) || (isLost && !force);
  return !isUsual || (force && !tellsVersions(versionAttributes(record)));
}

function refusalOf(
  request: FileRequest,
  record: RawAttributes | undefined,
  isLost: boolean,
): Refused | undefined {
  if (recordKind(request) !== 'file') return notAFile(request);
  if (!record) return fileNotFound(request);
  const stored = rawText(record, 'status');
  const { status } = parseStatus(stored);
  const { expected_status = status, expected_version, new_status, force = false } = request;
  if (expected_status !== status && expected_status !== stored) {
    return statusConflict(request, expected_status, status);
  }
  if (expected_version !== undefined && expected_version !== versionOf(record)) {
    return versionConflict(request, status);
  }
  if (expected_version !== undefined && !force && !tellsVersions(versionAttributes(record))) {
    return resetRefused({ key: keyOf(request), obstacle: VERSION_UNKNOWN });
  }
  return force || isLost || isAllowedTransition(status, new_status)
    ? undefined
    : forceNeeded(request.file_key, status, new_status);
}

function notAFile({ file_key }: RecordKey): Refused {
  return new Refused(
    'NOT_A_FILE',
    `${file_key} is a meta record of the pipeline, not a file.`,
    'Only file records can be changed; manifests and locks are left to the pipeline.',
  );
}

function statusConflict({ file_key }: RecordKey, expected: string, found: string): Refused {
  return new Refused(
    'STATUS_CONFLICT',
    `${file_key} was expected to be "${expected}" but is "${found}".`,
    'Reload it and retry with its present status.',
  );
}

function versionConflict({ file_key }: RecordKey, status: string): Refused {
  return new Refused(
    'VERSION_CONFLICT',
    `${file_key} does not have the expected version: it has been written since. It is now "${status}".`,
    'Reload it and retry with its present version.',
  );
}

/** The refusal of a change because of an obstacle. */
export function resetRefused({ key, obstacle }: Pick<LeftOut, 'key' | 'obstacle'>): Refused {
  return new Refused(
    obstacle.code,
    `${key.file_key} is ${obstacle.code === 'VERSION_UNKNOWN' ? 'left as it is' : 'not reset'}: ${obstacle.sentence}.`,
    `Add ${field('force')} to do it anyway; the change is then recorded as forced.`,
  );
}

const LONGEST_WHY = 500;

/**
 * Plans for one file, and leaves it out if there is an obstacle to its reset. With force it is included, and its entry
 * names the obstacle.
 *
 * @param record undefined when there is none
 */
export async function planChecked(
  deps: Pick<ResetDeps, 'projection' | 'now'>,
  check: ResetCheck,
  request: FileRequest,
  record: RawAttributes | undefined,
): Promise<Planned> {
  const isAsked = request.new_status === 'pending' && record !== undefined && !request.force;
  const planned = planFile(request, record, isAsked && (await isProvedLost(deps, recordOf(record))));
  if (planned.kind !== 'planned') return planned;
  const obstacle = await obstacleToWrite(check, record && recordOf(record), request.new_status);
  if (!obstacle) return planned;
  const { entry } = planned;
  if (!request.force) {
    return {
      kind: 'left_out',
      key: keyOf(entry),
      status: parseStatus(entry.expected.status).status,
      obstacle,
    };
  }
  const why = cutTo(`${entry.why}; forced, although ${obstacle.sentence}`, LONGEST_WHY);
  return { kind: 'planned', entry: { ...entry, forced: true, why } };
}

/** The refusal of a transition that is not allowed without force. */
export function forceNeeded(subject: string, from: string, to: string): Refused {
  if (!isStatus(to)) {
    return new Refused(
      'FORCE_NEEDED',
      `${subject}: "${from}" to "${to}": received an unknown new status, allowed: ${STATUSES.join(', ')}.`,
      `Correct it; or add ${field('force')} if you mean it, and the change is recorded as forced.`,
    );
  }
  const allowed = allowedNext(from).join(', ') || 'none';
  return new Refused(
    'FORCE_NEEDED',
    `${subject}: "${from}" to "${to}" is not an allowed transition without force; allowed from "${from}": ${allowed}.`,
    `Add ${field('force')} if you mean it; the change is then recorded as forced.`,
  );
}

const CONCURRENT_READS = 16;

/**
 * Plans for files that are named one by one, in any spelling, each from a consistent read of its record, in the
 * given order. It holds only what it reads at once, however many there are.
 */
export function planFiles(
  deps: ResetDeps,
  requests: Iterable<FileRequest> | AsyncIterable<FileRequest>,
): AsyncIterable<Planned> {
  const check = createResetCheck(deps);
  const plan = async (request: FileRequest) => {
    const record = await findRawRecord(deps.tracking, request);
    return planChecked(deps, check, { ...request, ...(record && keyOf(recordOf(record))) }, record);
  };
  return pMapIterable(requests, plan, { concurrency: CONCURRENT_READS });
}
