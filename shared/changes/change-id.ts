/**
 * An id for a change: its time, so that ids sort as the changes were made, and a random part, so that no two
 * are alike.
 *
 * @param now milliseconds since the epoch
 * @param random a few letters or digits
 */
export function newChangeId(now: number, random: string): string {
  return `${new Date(now).toISOString().replace(/[-:.]/g, '')}-${random}`;
}
