/** How many files a date had, by hours since its beginning. */
export type HourCounts = ReadonlyMap<number, number>;

/** Empty hours in a row that would happen by chance only once in two months are taken as unusual. */
const MOST_CHANCE = 1 / 1_500;
/** Files may arrive this many hours earlier or later than on other dates. */
const APART = 2;

/**
 * For how many hours in a row no file of a date arrived, if that is hardly chance: in each of these hours, files arrived on
 * nearly every other date, and they usually arrive now. A steady flow that stops is reported after two or three hours; a
 * flow of occasional deliveries after as many hours as make it unlikely; one that usually rests at this hour, never.
 *
 * @param history other dates of the same weekday
 * @param hour full hours since the date began, UTC
 * @returns 0 if nothing is unusual, or too little is known
 */
export function quietHours(history: readonly HourCounts[], byHour: HourCounts, hour: number): number {
  if (emptyShare(history, hour, 0) >= 0.5) return 0;
  let quiet = 0;
  let chance = 1;
  while (cameIn(byHour, hour - quiet) === 0) {
    chance *= emptyShare(history, hour - quiet, APART);
    quiet += 1;
  }
  return chance <= MOST_CHANCE ? quiet : 0;
}

/** How many files arrived in one hour of a date; undefined if it was not counted. */
function cameIn(byHour: HourCounts, hour: number): number | undefined {
  const [before, after] = [byHour.get(hour - 1), byHour.get(hour)];
  // A removed record makes the number smaller.
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before);
}

/** How likely an hour is to be empty, from that hour and its neighbours on other dates; never quite 0, because they are few. */
function emptyShare(history: readonly HourCounts[], hour: number, apart: number): number {
  const hours = Array.from({ length: 2 * apart + 1 }, (_, i) => hour - apart + i);
  const counts = history.flatMap((byHour) => hours.flatMap((each) => cameIn(byHour, each) ?? []));
  return (counts.filter((count) => count === 0).length + 1) / (counts.length + 2);
}
