import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createRandom } from '../../infra/simulator/random.ts';
import { applyTasks, type HeadTask } from '../../shared/projection/apply.ts';
import { closeSlots } from '../../shared/projection/closed-slots.ts';
import { type CounterChange, counterPartition } from '../../shared/projection/counter-kind.ts';
import { mergeIdleSlots } from '../../shared/projection/counter-slots.ts';
import { type CountDelta, sumDeltas } from '../../shared/projection/counters.ts';
import { type CounterDrift, repairCounters } from '../../shared/projection/recount.ts';
import { recountAll } from '../../shared/projection/recount-all.ts';
import { tidyCounters } from '../../shared/projection/tidy-counters.ts';
import { createWriter } from '../../shared/projection/writer.ts';
import { createEngine } from '../engine/engine.ts';
import { createMemoryTable } from '../engine/memory-table.ts';
import { createVirtualTime } from '../engine/virtual-time.ts';
import { formerDocuments, leisurelyDocuments } from './recount-clients.ts';

/** Who is about while everything is recounted. */
export interface Company {
  readonly seed: number;
  readonly writers: number;
  /** Milliseconds that the writers' clocks are off, each by another part of it. */
  readonly clocks: number;
  readonly formerWriters: number;
  readonly recounters: number;
  /** A recount that closes slots at the beginning, and dies. */
  readonly dead: boolean;
  readonly merger: boolean;
}

/** What came of it. */
export interface Recounted {
  readonly results: readonly CounterDrift[];
  readonly repaired: number;
  /** What the counters of everything lack of the dates, before and when all has come to rest. */
  readonly planted: CountDelta;
  readonly left: CountDelta;
  /** Heads that were written, and those that the counters of the dates say. */
  readonly heads: number;
  readonly counted: number;
  readonly unapplied: number;
  /** Transactions of writers that were sent, and those that met a closed slot. */
  readonly sent: number;
  readonly refused: number;
}

const BEGIN = Date.parse('2026-11-23T06:00:00Z');
const TABLE = 'projection';
const DATES = ['2026-11-21', '2026-11-22', '2026-11-23'];
const AGES = 'age#2026-11-23';
const FLOW_MILLIS = 15_000;

/** Recounts and repairs everything in virtual time, while writers work on a table that cancels what meets. */
export async function recountUnderFlow(company: Company): Promise<Recounted> {
  const random = createRandom(company.seed);
  const draw = () => random.between(0, 1);
  const time = createVirtualTime(BEGIN);
  const table = createMemoryTable();
  const engine = createEngine({
    keys: { [TABLE]: ['pk', 'sk'] },
    conflicts: true,
    capacity: undefined,
    latency: () => 5 + 30 * draw(),
    bytesOf: () => 1,
    now: time.now,
    sleep: time.sleep,
  });
  const docs = leisurelyDocuments(table.documents(engine), draw, time.sleep);
  const tally = { sent: 0, refused: 0, unapplied: 0, repaired: 0 };
  const base = { random: draw, sleep: time.sleep, remainingMillis: () => 60_000, clock: time.now };
  const deps = { ...base, projection: { docs, name: TABLE } };

  async function write(writer: number, client: DynamoDBDocumentClient, off: number): Promise<void> {
    const kept = createWriter(draw);
    for (let batch = 0; time.now() < BEGIN + FLOW_MILLIS; batch++) {
      const tasks = tasksOf(`${writer}-${batch}`, draw);
      const now = time.now() + off;
      const watched = {
        ...kept,
        committed: () => {
          tally.sent += 1;
          kept.committed();
        },
        metClosed: () => {
          tally.refused += 1;
          kept.metClosed();
        },
      };
      const projection = { docs: client, name: TABLE };
      const applied = await applyTasks(tasks, { ...base, projection, now, writer: watched });
      tally.unapplied += applied.filter(({ kind }) => kind !== 'done').length;
      await time.sleep(draw() * 80);
    }
  }

  async function recount(): Promise<CounterDrift> {
    await time.sleep(2_000 + draw() * 3_000);
    const found = await recountAll(deps);
    if (await repairWhenPossible(found)) tally.repaired += 1;
    return found;
  }

  async function repairWhenPossible(found: CounterDrift): Promise<boolean> {
    for (let tried = 0; tried < 20; tried++) {
      if (await repairCounters(found, { ...deps, now: time.now() })) return true;
      await time.sleep(50 * draw());
    }
    return false;
  }

  async function die(): Promise<void> {
    await time.sleep(1_500);
    await closeSlots([0, 64], deps);
  }

  async function merge(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      await time.sleep(4_000 * draw());
      // So much later that every slot looks idle.
      const late = { projection: deps.projection, now: time.now() + 7_200_000 };
      for (const date of [undefined, ...DATES]) {
        await mergeIdleSlots(date, late);
        await tidyCounters(date, late);
      }
    }
  }

  table.put(...DATES.map((date) => ({ pk: 'DATES', sk: date })));
  table.put(...spoilt(draw));
  const planted = lackOf(table.items());
  const off = (i: number) => Math.round(company.clocks * (i / Math.max(1, company.writers - 1) - 0.5));
  const former = formerDocuments(docs);
  const working = [
    ...Array.from({ length: company.writers }, (_, i) => write(i, docs, off(i))),
    ...Array.from({ length: company.formerWriters }, (_, i) => write(1_000 + i, former, 0)),
    ...(company.dead ? [die()] : []),
    ...(company.merger ? [merge()] : []),
  ];
  const recounting = Promise.all(Array.from({ length: company.recounters }, recount));
  const [results] = await time.run(Promise.all([recounting, ...working]));
  const items = table.items();
  const dated = items.filter(({ pk }) => DATES.some((date) => pk === `STATS#${date}`));
  return {
    ...tally,
    results,
    planted,
    left: lackOf(items),
    heads: items.filter(({ pk }) => pk === 'HEADS').length,
    counted: dated.reduce((sum, item) => sum + Number(item.file_arrived_pending ?? 0), 0),
  };
}

type Item = Record<string, unknown>;

/** Some heads that are new. A repair moves two of them against each other, so that everything has none in sum. */
function tasksOf(batch: string, draw: () => number): HeadTask<string>[] {
  const isRepair = draw() < 0.1;
  return Array.from({ length: isRepair ? 2 : 1 + Math.floor(draw() * 5) }, (_, i) => {
    const sign = i === 0 ? 1 : -1;
    const date = isRepair ? DATES[i] : DATES[Math.floor(draw() * DATES.length)];
    const delta: CountDelta = isRepair
      ? { file_failed: sign, file_processing: -sign }
      : { file_pending: 1, file_arrived_pending: 1 };
    return insertTask(`${batch}-${i}`, String(date), delta, isRepair);
  });
}

function insertTask(
  key: string,
  date_prefix: string,
  delta: CountDelta,
  isRepair: boolean,
): HeadTask<string> {
  const Item = { pk: isRepair ? 'REPAIRED' : 'HEADS', sk: key };
  const put = { Put: { TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  const changes = [undefined, date_prefix].flatMap((date): CounterChange[] => {
    const pk = counterPartition(date);
    return [{ pk, part: '', add: delta }, ...(isRepair ? [] : [{ pk, part: AGES, add: { p07: 1 } }])];
  });
  const write = { items: [put] as const, changes, asOf: isRepair ? undefined : BEGIN };
  const decide = () => ({ outcome: 'inserted', write });
  return { entity: 'file', date_prefix, file_key: key, blind: decide, needsPages: () => false, decide };
}

/** Counters of slots that are used, and of one that is not, which are wrong from the beginning; or none at all. */
function spoilt(draw: () => number): Item[] {
  const wrong = (pk: string, sk: string, attribute: string) => ({
    pk,
    sk,
    [attribute]: Math.floor(draw() * 9) - 4,
  });
  if (draw() < 0.2) return [];
  return [
    wrong('STATS#ALL', '0', 'file_pending'),
    wrong(`STATS#${DATES[0]}`, '0', 'file_completed'),
    wrong(`STATS#${DATES[1]}`, '17', 'manifest_failed'),
    wrong('STATS#ALL', '64', 'file_failed'),
    wrong('STATS#ALL', `${AGES}#0`, 'p07'),
    wrong(`STATS#${DATES[1]}`, `${AGES}#17`, 'p07'),
    // Slots that rest until somebody merges them.
    ...['20', '21', '22', '23'].flatMap((sk) => [
      wrong('STATS#ALL', sk, 'file_pending'),
      wrong(String(`STATS#${DATES[2]}`), sk, 'file_failed'),
    ]),
  ];
}

/** What everything lacks of its dates, told without the code under test. */
function lackOf(items: readonly Item[]): CountDelta {
  const counters = items.filter(({ pk }) => String(pk).startsWith('STATS#'));
  return sumDeltas(
    counters.map(({ pk, sk, ...item }) => {
      const part = String(sk).replace(/(#|^)\d+$/, '');
      const counts = Object.entries(item).filter(([name]) =>
        /^(?:file|manifest)_(?!arrived)|^p07$/.test(name),
      );
      return Object.fromEntries(
        counts.map(([name, is]) => [
          part === '' ? name : `${part} ${name}`,
          Number(is) * (pk === 'STATS#ALL' ? -1 : 1),
        ]),
      );
    }),
  );
}
