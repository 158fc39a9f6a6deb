/** What a process ends with, for scripts to tell apart. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Refused, cancelled, or a plan that is no longer true. */
  refused: 3,
  credentials: 4,
  partly: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * 400: the request is wrong; 403: it is not for this function; 404: what it names does not exist; 409: what it names
 * is in another state.
 */
export type RefusalStatus = 400 | 403 | 404 | 409;

/** Each reason to refuse: the status of an operation's answer, the exit code of a command, and what it means. */
export const REFUSALS = {
  USAGE: [400, EXIT.usage, 'the command line cannot be run'],
  INVALID_PAYLOAD: [400, EXIT.usage, 'the payload is not a JSON object, or holds what cannot be stored'],
  UNKNOWN_OPERATION: [400, EXIT.usage, 'there is no such operation'],
  READ_ONLY: [403, EXIT.refused, 'the function that only reads was asked to write'],
  INVALID_INPUT: [400, EXIT.usage, 'a field of the input is missing, unknown or out of bounds'],
  INVALID_NEXT_TOKEN: [400, EXIT.usage, 'the token is damaged, or belongs to another request'],
  ANSWER_TOO_LARGE: [400, EXIT.failed, 'the answer, or its `next_token`, is larger than Lambda may return'],
  NOT_CONFIRMED: [409, EXIT.refused, 'the confirmation is missing, or was refused'],
  FILE_NOT_FOUND: [404, EXIT.failed, 'there is no record of the file'],
  AMBIGUOUS_NAME: [400, EXIT.usage, 'a part of a name fits several files, or is not enough for a change'],
  NOT_A_FILE: [400, EXIT.refused, 'the record is a manifest or a lock'],
  STATUS_CONFLICT: [409, EXIT.refused, 'the file does not have the expected status'],
  VERSION_CONFLICT: [409, EXIT.refused, 'the file was written since the expected version was read'],
  VERSION_UNKNOWN: [409, EXIT.refused, 'nothing in the record distinguishes one upload from the next'],
  FORCE_NEEDED: [400, EXIT.refused, 'the transition is not an allowed one; `force` overrides it'],
  NAME_UNREADABLE: [409, EXIT.refused, 'jobs cannot read an object with this name'],
  INPUT_GONE: [409, EXIT.refused, 'the input object of a file to reset is gone'],
  INPUT_UNKNOWN: [409, EXIT.refused, 'the input object of a file to reset could not be checked'],
  STILL_RUNNING: [409, EXIT.refused, 'the execution of a file to reset may still run'],
  ROWS_IN_OUTPUT: [409, EXIT.refused, 'rows of a file to reset are or may be in the output'],
  EMPTY_SELECTION: [
    400,
    EXIT.refused,
    'no file is selected: the selection names no status, or a list is empty',
  ],
  TOO_MANY_CHANGES: [400, EXIT.refused, 'more files would be changed than `max_changes` allows'],
  DUPLICATE_FILE: [400, EXIT.refused, 'a file is listed twice, with different statuses'],
  INVALID_PLAN: [400, EXIT.refused, 'the plan is damaged or incomplete'],
  OTHER_TABLE: [400, EXIT.refused, 'the plan or change belongs to another table'],
  OTHER_PLACE: [
    409,
    EXIT.refused,
    'the credentials belong to another account or region than the settings name',
  ],
  OTHER_VERSION: [400, EXIT.refused, 'the plan was made by another version of this program'],
  STALE_PLAN: [400, EXIT.refused, 'the plan is older than allowed'],
  PLAN_NEEDED: [409, EXIT.refused, 'a change that was interrupted during preparation needs its plan again'],
  PLAN_NOT_FOUND: [404, EXIT.failed, 'there is no such plan'],
  PLAN_NOT_READY: [409, EXIT.refused, 'the plan is still searching for files'],
  OTHER_PLAN: [409, EXIT.refused, 'the plan does not have the given digest'],
  NOT_APPROVED: [409, EXIT.refused, 'the change needs the approval of another person'],
  NOTHING_TO_APPROVE: [409, EXIT.refused, 'the plan needs no approval, or was applied already'],
  CANNOT_BE_WRITTEN: [409, EXIT.failed, 'the record would be larger than 400 KB, or DynamoDB refuses it'],
  NOT_ENDED: [409, EXIT.failed, 'the change did not finish in time, or is still running'],
  CHANGE_NOT_FOUND: [404, EXIT.failed, 'there is no such change'],
  CHANGE_EXISTS: [400, EXIT.refused, 'the id belongs to a change of other files'],
  CHANGE_CLOSED: [409, EXIT.refused, 'the change was undone or closed'],
  ACKNOWLEDGEMENT_NOT_FOUND: [404, EXIT.failed, 'there is no such acknowledgement'],
  TOO_MANY_ACKNOWLEDGEMENTS: [409, EXIT.refused, 'as many acknowledgements as allowed are stored'],
  NOTE_NOT_FOUND: [404, EXIT.failed, 'there is no such note'],
  TOO_MANY_NOTES: [409, EXIT.refused, 'as many notes as allowed are stored'],
  NOTHING_TO_UNDO: [409, EXIT.refused, 'the change has not written any file'],
  REBUILD_NOT_FOUND: [404, EXIT.failed, 'there is no such rebuild'],
  REBUILD_SEGMENTS: [409, EXIT.refused, 'the rebuild was started with another number of segments'],
  NOTHING_PENDING: [409, EXIT.refused, 'no file is pending for the builder to take'],
  NOT_ALLOWED: [400, EXIT.credentials, 'the credentials are missing or expired, or lack the permission'],
  UNAVAILABLE: [400, EXIT.failed, 'something that is needed is missing or cannot be reached'],
} as const satisfies Record<string, readonly [status: RefusalStatus, exitCode: ExitCode, meaning: string]>;

export type RefusalCode = keyof typeof REFUSALS;

/**
 * A request is refused before anything is written, and the user can do something about it.
 * The code is for programs; message and hint are for people.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;
  /** What to do next; fields of a request are named by `field`. */
  private readonly hintTemplate: string;

  constructor(code: RefusalCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hintTemplate = hint;
  }

  get statusCode(): RefusalStatus {
    return REFUSALS[this.code][0];
  }

  get exitCode(): ExitCode {
    return REFUSALS[this.code][1];
  }

  /** The hint for a client of the operations: `max_changes`. */
  get hint(): string {
    return this.hintTemplate.replace(FIELD, '$1');
  }

  /** The hint for a command line: `--max-changes`. */
  get commandHint(): string {
    return this.hintTemplate.replace(FIELD, (_, field: string) => `--${field.replaceAll('_', '-')}`);
  }
}

/** Names a field of a request in a hint, such as `max_changes`; a command line shows it as its flag. */
export function field(name: string): string {
  return `${MARK}${name}${MARK}`;
}

// Hints also contain names from outside, and none of them can contain this.
const MARK = '\0';
const FIELD = new RegExp(`${MARK}([a-z_]+)${MARK}`, 'g');

/** The command line cannot be run. */
export function usageError(message: string, hint: string): Refused {
  return new Refused('USAGE', message, hint);
}
