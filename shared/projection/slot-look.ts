import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { partOf, readPartition } from './counter-items.ts';
import { type CounterChange, counterPartition } from './counter-kind.ts';
import { negated, sumChanges } from './counter-kinds.ts';
import type { CounterItem } from './counters.ts';
import { listDates } from './dates.ts';
import { heldIn } from './held-counters.ts';

/** The counter items of everything and of every date, by key, read one after another. */
export type SlotLook = ReadonlyMap<string, CounterItem>;

const CONCURRENT_READS = 16;

/** Reads every slot of every counter consistently, with one Query per date. */
export async function lookAtSlots(table: Table): Promise<SlotLook> {
  const read = (date?: string) => readPartition(table, date, 'consistent');
  const everything = await read();
  const dated = await pMap(await listDates(table), read, { concurrency: CONCURRENT_READS });
  const slots = [...everything, ...dated.flat()].filter((item) => partOf(item) !== undefined);
  return new Map(slots.map((item) => [`${item.pk} ${item.sk}`, item]));
}

/** The slots in which any item, of everything or of a date, has changed. */
export function movedSlots(before: SlotLook, after: SlotLook): number[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const moved = [...keys].filter((key) => contentOf(before.get(key)) !== contentOf(after.get(key)));
  return [...new Set(moved.map((key) => slotOf(after.get(key) ?? before.get(key) ?? {})))];
}

/**
 * Whether something changed only one side of a slot, either everything's or that of its dates: a merge moves counts from slot
 * to slot, which is counted, or removes an item; a repair adds to one counter only.
 */
export function isUnbalanced(before: SlotLook, after: SlotLook): boolean {
  const balanceOf = ({ merges = 0, merged = 0, repairs = 0 }: CounterItem = {}) =>
    `${merges} ${merged} ${repairs}`;
  const keys = new Set([...before.keys(), ...after.keys()]);
  const isRemoved = (key: string) => before.has(key) && !after.has(key);
  return [...keys].some((key) => isRemoved(key) || balanceOf(before.get(key)) !== balanceOf(after.get(key)));
}

/** What the counters of everything lack compared with the sum of the dates, in some slots. */
export function missingIn(look: SlotLook, isMeant: (slot: number) => boolean): CounterChange[] {
  const meant = [...look.values()].filter((item) => isMeant(slotOf(item)));
  const isEverything = ({ pk }: CounterItem) => pk === EVERYTHING;
  const dated = meant.filter((item) => !isEverything(item));
  const counted = heldIn(meant.filter(isEverything), undefined);
  return sumChanges([...heldIn(dated, undefined), ...counted.map(negated)]);
}

/** How often the counters of everything were repaired. */
export function repairsIn(look: SlotLook): number {
  const everything = [...look.values()].filter(({ pk }) => pk === EVERYTHING);
  return everything.reduce((sum, { repairs = 0 }) => sum + repairs, 0);
}

const EVERYTHING = counterPartition(undefined);

function slotOf(item: CounterItem): number {
  return partOf(item)?.slot ?? 0;
}

/** The contents of an item without the mark of a recount. */
function contentOf({ closed_until: _, ...item }: CounterItem = {}): string {
  const counts = Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk');
  return JSON.stringify(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
