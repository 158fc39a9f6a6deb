import { INLINE_EVENTS } from '../../shared/projection/head.ts';
import type { Change } from './change.ts';
import type { Counts, Projected } from './projected.ts';
import { countersOf, isPoison, type Truth } from './truth.ts';

/** Where counters are not what the heads and their timelines add up to: they must be, at every moment. */
export function countingErrors({ records, counters }: Projected): string[] {
  return [...counters].flatMap(([date, counts]) => {
    const counted = countersOf(records.filter(({ date_prefix }) => date_prefix === date));
    return compareCounts(`counters of ${date}`, counts, counted);
  });
}

/** Where two countings differ, in a line for each. */
export function compareCounts(of: string, found: Counts, expected: Counts): string[] {
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...names].flatMap((name) => {
    const [is, should] = [found[name] ?? 0, expected[name] ?? 0];
    return is === should ? [] : [`${of}: ${name} is ${is}, and should be ${should}`];
  });
}

/** Where the projection is not what a history comes to, when all of it was delivered. */
export function differences(truths: readonly Truth[], projected: Projected): string[] {
  const shown = new Map(projected.records.map((record) => [nameOf(record), record]));
  const dates = new Set(truths.map(({ date_prefix }) => date_prefix));
  return [
    ...countingErrors(projected),
    ...truths.flatMap((truth) => compareRecords(truth, shown.get(nameOf(truth)))),
    ...projected.records
      .filter((record) => !truths.some((truth) => nameOf(truth) === nameOf(record)))
      .map((record) => `${nameOf(record)}: has a head, and should have none`),
    ...projected.heads
      .filter(({ events }) => events.length > INLINE_EVENTS)
      .map(
        (head) => `${nameOf(head)}: ${head.events.length} events are inline, at most ${INLINE_EVENTS} may be`,
      ),
    ...[...dates]
      .filter((date) => !projected.datesNoted.includes(date))
      .map((date) => `${date}: has heads, and is not among the dates`),
  ];
}

function compareRecords(truth: Truth, shown: Truth | undefined): string[] {
  if (!shown) return [`${nameOf(truth)}: has no head`];
  const line = (record: Truth) => JSON.stringify(record.events, undefined, 1);
  return [
    ...(shown.status === truth.status
      ? []
      : [`${nameOf(truth)}: its status is ${shown.status}, and should be ${truth.status}`]),
    ...(shown.since === truth.since
      ? []
      : [`${nameOf(truth)}: it has it since ${shown.since}, and should since ${truth.since}`]),
    ...(shown.failure === truth.failure
      ? []
      : [`${nameOf(truth)}: it failed as ${shown.failure}, and should as ${truth.failure}`]),
    ...(shown.sender === truth.sender
      ? []
      : [`${nameOf(truth)}: it is counted as ${shown.sender}'s, and should be as ${truth.sender}'s`]),
    ...(line(shown) === line(truth)
      ? []
      : [`${nameOf(truth)}: its timeline is ${line(shown)}, and should be ${line(truth)}`]),
  ];
}

function nameOf({ date_prefix, file_key }: { date_prefix: string; file_key: string }): string {
  return `${date_prefix}/${file_key}`;
}

/** Where the dead letters are not exactly the records that nobody could apply, each of them complete. */
export function letterErrors(changes: readonly Change[], letters: ReadonlyMap<string, string>): string[] {
  const bodies = [...letters.values()].map((body): { records: unknown[] } => JSON.parse(body));
  const kept = new Set(bodies.flatMap(({ records }) => records.map((record) => JSON.stringify(record))));
  const poison = new Set(changes.filter(isPoison).map(({ record }) => JSON.stringify(record)));
  const line = (what: string, record: string) => `${what} ${record.slice(0, LONGEST_RECORD)}`;
  return [
    ...[...poison]
      .filter((record) => !kept.has(record))
      .map((record) => line('no dead letter keeps', record)),
    ...[...kept].filter((record) => !poison.has(record)).map((record) => line('a dead letter keeps', record)),
  ];
}

const LONGEST_RECORD = 400;
