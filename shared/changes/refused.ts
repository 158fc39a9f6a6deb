/** Why a change was not begun; `code` is for programs, the message and the hint are for people. */
export type RefusalCode =
  | 'EMPTY_SELECTION'
  | 'TOO_MANY_CHANGES'
  | 'FORCE_NEEDED'
  | 'INVALID_PLAN'
  | 'OTHER_TABLE'
  | 'OTHER_VERSION'
  | 'STALE_PLAN'
  | 'DUPLICATE_FILE'
  | 'CHANGE_NOT_FOUND'
  | 'CHANGE_EXISTS'
  | 'CHANGE_CLOSED'
  | 'PLAN_NEEDED'
  | 'NOTHING_TO_UNDO';

/** A change that is refused before any file is touched. */
export class ChangeRefused extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
    /** What to do next. */
    readonly hint: string,
  ) {
    super(message);
    this.name = 'ChangeRefused';
  }
}
