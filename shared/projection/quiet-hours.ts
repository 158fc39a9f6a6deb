/** How many files of a date there were, by how many hours after its begin that was. */
export type HourCounts = ReadonlyMap<number, number>;

/** By chance so many hours in a row may be empty once in two months; more than that is no chance. */
const MOST_CHANCE = 1 / 1_500;
/** Files may come so many hours earlier or later than on other dates. */
const APART = 2;

/**
 * For how many hours in a row no file of a date came, where that is hardly chance: at each of these hours files came on
 * nearly every other date, and they usually come now. A steady flow that stops is told of after two or three hours, one of
 * deliveries now and then after as many as make it unlikely, and one that rests at this hour not at all.
 *
 * @param history other dates of the same weekday
 * @param hour full hours since the date began, UTC
 * @returns 0 where nothing is unusual, or too little is known
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

/** How many came in one hour of a date; undefined where it was not counted. */
function cameIn(byHour: HourCounts, hour: number): number | undefined {
  const [before, after] = [byHour.get(hour - 1), byHour.get(hour)];
  // A record that is removed makes the number smaller.
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before);
}

/** How likely an hour is empty, by that hour of other dates and those around it: never quite 0, for they are few. */
function emptyShare(history: readonly HourCounts[], hour: number, apart: number): number {
  const hours = Array.from({ length: 2 * apart + 1 }, (_, i) => hour - apart + i);
  const counts = history.flatMap((byHour) => hours.flatMap((each) => cameIn(byHour, each) ?? []));
  return (counts.filter((count) => count === 0).length + 1) / (counts.length + 2);
}
