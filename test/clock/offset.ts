/** By how many milliseconds the clock of a process, and of those that it starts, is ahead of the real one. */
export const OFFSET_VARIABLE = 'STATE_MANAGER_TEST_CLOCK_OFFSET';

/** A time in milliseconds since the epoch, which is to come shortly after the start of every test file. */
export const MIDNIGHT_VARIABLE = 'STATE_MANAGER_TEST_CLOCK_MIDNIGHT';

export function clockOffset(): number {
  return Number(process.env[OFFSET_VARIABLE] ?? 0);
}
