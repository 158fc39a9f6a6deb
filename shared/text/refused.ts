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

/** Each reason to refuse: the status of an operation's answer, and the exit code of a command. */
const REFUSALS = {
  USAGE: [400, EXIT.usage],
  INVALID_PAYLOAD: [400, EXIT.usage],
  UNKNOWN_OPERATION: [400, EXIT.usage],
  READ_ONLY: [403, EXIT.refused],
  INVALID_INPUT: [400, EXIT.usage],
  INVALID_NEXT_TOKEN: [400, EXIT.usage],
  ANSWER_TOO_LARGE: [400, EXIT.failed],
  NOT_CONFIRMED: [409, EXIT.refused],
  FILE_NOT_FOUND: [404, EXIT.failed],
  AMBIGUOUS_NAME: [400, EXIT.usage],
  NOT_A_FILE: [400, EXIT.refused],
  STATUS_CONFLICT: [409, EXIT.refused],
  VERSION_CONFLICT: [409, EXIT.refused],
  VERSION_UNKNOWN: [409, EXIT.refused],
  FORCE_NEEDED: [400, EXIT.refused],
  NAME_UNREADABLE: [409, EXIT.refused],
  INPUT_GONE: [409, EXIT.refused],
  INPUT_UNKNOWN: [409, EXIT.refused],
  STILL_RUNNING: [409, EXIT.refused],
  ROWS_IN_OUTPUT: [409, EXIT.refused],
  EMPTY_SELECTION: [400, EXIT.refused],
  TOO_MANY_CHANGES: [400, EXIT.refused],
  DUPLICATE_FILE: [400, EXIT.refused],
  INVALID_PLAN: [400, EXIT.refused],
  OTHER_TABLE: [400, EXIT.refused],
  OTHER_PLACE: [409, EXIT.refused],
  OTHER_VERSION: [400, EXIT.refused],
  STALE_PLAN: [400, EXIT.refused],
  PLAN_NEEDED: [409, EXIT.refused],
  PLAN_NOT_FOUND: [404, EXIT.failed],
  PLAN_NOT_READY: [409, EXIT.refused],
  OTHER_PLAN: [409, EXIT.refused],
  NOT_APPROVED: [409, EXIT.refused],
  CANNOT_BE_WRITTEN: [409, EXIT.failed],
  NOT_ENDED: [409, EXIT.failed],
  CHANGE_NOT_FOUND: [404, EXIT.failed],
  CHANGE_EXISTS: [400, EXIT.refused],
  CHANGE_CLOSED: [409, EXIT.refused],
  ACKNOWLEDGEMENT_NOT_FOUND: [404, EXIT.failed],
  TOO_MANY_ACKNOWLEDGEMENTS: [409, EXIT.refused],
  NOTE_NOT_FOUND: [404, EXIT.failed],
  TOO_MANY_NOTES: [409, EXIT.refused],
  NOTHING_TO_UNDO: [409, EXIT.refused],
  REBUILD_NOT_FOUND: [404, EXIT.failed],
  REBUILD_SEGMENTS: [409, EXIT.refused],
  NOTHING_PENDING: [409, EXIT.refused],
  /** The credentials are missing or expired, or lack the permission. */
  NOT_ALLOWED: [400, EXIT.credentials],
  /** Something that was needed is missing or cannot be reached. */
  UNAVAILABLE: [400, EXIT.failed],
} as const satisfies Record<string, readonly [RefusalStatus, ExitCode]>;

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
