/**
 * The protocol of the projection in as few lines as it takes: how records that come at least once, in pieces,
 * late, and to several consumers at a time, are each counted exactly once. It reads as its specification; the
 * code that does the same on DynamoDB is shared/projection/.
 *
 * Each rule can be switched off, to see what it is for.
 */
export const RULES = {
  padding: 'sequence numbers are padded to one width, because they are compared as text',
  label: "a position begins with the stream's label, because a stream that is switched on again counts again",
  condition: 'a record moves a head only if its position is newer than the head',
  healing: 'a move is counted from the status that the head has, not from the one that the record names',
  counted: 'what is taken from the ages is what the head says it is counted as, not what the record says',
  tombstones: 'the head of a removed record is kept',
  late: 'a record older than its head, and missing from the timeline, is added to the timeline alone',
  pages: 'events that have moved from the head to a page are still known',
  revision: 'a head is written only if it is still as it was when the write was decided',
  transaction: 'a head and the counters change together, or not at all',
  redelivery: 'a record comes again until somebody has said that it is applied',
} as const;

export type Rule = keyof typeof RULES;
export type Rules = ReadonlySet<Rule>;

/** A change of a file's status, as the stream tells it. */
export interface Change {
  readonly file: number;
  /** Undefined where there is no record. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** In which hour it happened, and since which hour the record says it had been as before: writers touch records. */
  readonly hour: number;
  readonly saidSince: number;
  readonly label: string;
  readonly sequence: number;
}

/** Never changed, only replaced: that it is another object is what "another revision" means. */
export interface Head {
  /** Undefined for a tombstone. */
  readonly status: string | undefined;
  /** The hour in which it is counted. */
  readonly hour: number;
  readonly position: string;
  readonly inline: readonly Change[];
  readonly pages: readonly Change[];
}

export interface Projection {
  readonly heads: Map<number, Head>;
  /** How many files are in each status. */
  readonly counters: Map<string, number>;
  /** How many files entered their status in each hour. */
  readonly ages: Map<string, number>;
}

const WIDTH = 4;
const INLINE = 2;

function positionOf({ label, sequence }: Change, rules: Rules): string {
  const number = rules.has('padding') ? String(sequence).padStart(WIDTH, '0') : String(sequence);
  return rules.has('label') ? `${label}#${number}` : number;
}

/** Events as a timeline shows them. */
export function inOrder(events: readonly Change[], rules: Rules): Change[] {
  return [...events].sort((a, b) => (positionOf(a, rules) < positionOf(b, rules) ? -1 : 1));
}

/** What a change makes of a head; undefined when it is known and nothing needs to be written. */
function decide(head: Head | undefined, change: Change, rules: Rules): Head | undefined {
  const position = positionOf(change, rules);
  const isNewer = !head || position > head.position || !rules.has('condition');
  const listed = [...(head?.inline ?? []), ...(rules.has('pages') ? (head?.pages ?? []) : [])];
  const isLate = !isNewer && rules.has('late') && !listed.includes(change);
  if (!isNewer && !isLate) return undefined;

  const events = inOrder([...(head?.inline ?? []), change], rules);
  const split = Math.max(0, events.length - INLINE);
  return {
    status: isNewer ? change.after : head?.status,
    hour: isNewer ? change.hour : (head?.hour ?? change.hour),
    position: isNewer ? position : (head?.position ?? position),
    inline: events.slice(split),
    pages: [...(head?.pages ?? []), ...events.slice(0, split)],
  };
}

/** One consumer applies one change. Between two steps others may do anything, and it may never go on. */
export function* apply(
  change: Change,
  { heads, counters, ages }: Projection,
  rules: Rules,
): Generator<void, void> {
  for (;;) {
    const seen = heads.get(change.file);
    const next = decide(seen, change, rules);
    if (!next) return;
    yield;
    if (rules.has('revision') && heads.get(change.file) !== seen) continue;

    if (next.status === undefined && !rules.has('tombstones')) heads.delete(change.file);
    else heads.set(change.file, next);
    if (!rules.has('transaction')) yield;
    const moved = next.position !== seen?.position;
    const from = rules.has('healing') || !moved ? seen?.status : change.before;
    count(counters, from, -1);
    count(counters, next.status, 1);
    const entered = rules.has('counted') || !moved ? seen?.hour : change.saidSince;
    count(ages, seen?.status === undefined ? undefined : String(entered), -1);
    count(ages, next.status === undefined ? undefined : String(next.hour), 1);
    return;
  }
}

function count(counters: Map<string, number>, status: string | undefined, amount: number): void {
  if (status !== undefined) counters.set(status, (counters.get(status) ?? 0) + amount);
}
