import type { DynamoDBRecord } from 'aws-lambda';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { copies } from './copies.ts';
import { type Batches, LISTINGS, type Listing, settleAll } from './folding.ts';
import { chunks, medianBy, shownNumber } from './numbers.ts';
import { printTable } from './print.ts';
import { type Goal, type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';
import { createStopwatch, type Taken } from './stopwatch.ts';

const NAME = 'folding';
const PASSES = 20;
const ROUNDS = 9;
/** Rounds until everything has been compiled. */
const WARM_UP = 3;
const COPIES = [1, 4, 16];
// Twenty times what one consumer writes: DynamoDB takes some 50 ms for a transaction of 100 transitions.
const RECORDS_PER_SECOND = 40_000;

const STAGE_TEXT: Readonly<Record<Listing, string>> = {
  unmarshalled: 'both images unmarshalled by the SDK',
  parsed: 'parsed to transitions',
  folded: 'parsed and folded',
  settled: 'parsed, folded and settled on heads in memory',
  requested: 'parsed, folded and made into requests',
};
const ALL_STAGES = Object.keys(STAGE_TEXT) as Listing[];

type Rates = Readonly<Record<Listing, { readonly second: number; readonly coreSecond: number }>>;

export const foldingSection: Section = {
  name: NAME,
  about: 'records parsed, folded and settled per second, without a table',
  async run(run: BenchRun) {
    const records = await run.lives();
    const rates = await measureRates(records);
    print(records.length, rates);
    const points = [];
    for (const times of COPIES) points.push(await settlingCost(copies(records, times)));
    return {
      rows: rowsOf(records.length * PASSES, rates),
      growth: [growthOf(NAME, 'parsing, folding and settling: processor seconds', 'records', points)],
    };
  },
};

/** Measures all stages in turns; each rate is a median. */
async function measureRates(records: readonly DynamoDBRecord[]): Promise<Rates> {
  const batches = batchesOf(records);
  const rounds: Record<Listing, Taken>[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const watch = createStopwatch<Listing>();
    for (const stage of ALL_STAGES) {
      await watch.time(stage, () => {
        for (let pass = 0; pass < PASSES; pass++) LISTINGS[stage](batches);
      });
    }
    const taken = ALL_STAGES.map((stage) => [stage, watch.taken(stage)] as const);
    if (round >= 0) rounds.push(Object.fromEntries(taken) as Record<Listing, Taken>);
  }
  const rate = (stage: Listing, of: keyof Taken) =>
    (records.length * PASSES) / medianBy(rounds, (round) => round[stage][of])[stage][of];
  return Object.fromEntries(
    ALL_STAGES.map((stage) => [
      stage,
      { second: rate(stage, 'seconds'), coreSecond: rate(stage, 'processor') },
    ]),
  ) as Rates;
}

/** In processor time, so that other processes of the machine do not distort the curve. */
async function settlingCost(records: readonly DynamoDBRecord[]) {
  const batches = batchesOf(records);
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const watch = createStopwatch<'settled'>();
    await watch.time('settled', () => settleAll(batches));
    costs.push(watch.taken('settled').processor);
  }
  return { size: records.length, cost: medianBy(costs, (seconds) => seconds) };
}

/** As Lambda delivers them: parsed from JSON, with nothing shared. */
function batchesOf(records: readonly DynamoDBRecord[]): Batches {
  const parsed = JSON.parse(JSON.stringify(records)) as DynamoDBRecord[];
  return chunks(parsed, STREAM_SETTINGS.batchSize);
}

function rowsOf(size: number, rates: Rates): Row[] {
  const row = (stage: Listing, per: 'second' | 'coreSecond', goal?: Goal) =>
    rowOf(NAME, {
      name: STAGE_TEXT[stage],
      size,
      sizeUnit: 'records',
      value: rates[stage][per],
      unit: per === 'second' ? 'records/s' : 'records per core second',
      baseline: STAGE_TEXT.unmarshalled,
      baselineValue: rates.unmarshalled[per],
      ...(goal && { goal }),
    });
  return [
    row('parsed', 'second'),
    row('folded', 'second'),
    row('settled', 'second', goalOf(rates)),
    row('settled', 'coreSecond'),
    row('requested', 'second'),
  ];
}

function goalOf({ parsed, folded, settled }: Rates): Goal {
  const micros = (rate: number) => shownNumber(1_000_000 / rate);
  const because =
    `Of ${micros(settled.coreSecond)} µs of a core for each record, parsing takes ${micros(parsed.coreSecond)} and ` +
    `folding ${shownNumber(1_000_000 / folded.coreSecond - 1_000_000 / parsed.coreSecond)}; the rest is settling: ` +
    'the next head with its events, and what it adds to the counters, as new objects for every transition. A ' +
    `whole core settles ${shownNumber(settled.coreSecond)} records a second.`;
  return { of: 'value', bound: 'at least', limit: RECORDS_PER_SECOND, because };
}

function print(records: number, rates: Rates): void {
  printTable(
    `Records without a table: ${records} of them, ${PASSES} times (the median of ${ROUNDS} rounds)`,
    ['stage', 'records/s', 'records per core second', 'µs of a core per record'],
    ALL_STAGES.map((stage) => [
      STAGE_TEXT[stage],
      Math.round(rates[stage].second),
      Math.round(rates[stage].coreSecond),
      (1_000_000 / rates[stage].coreSecond).toFixed(2),
    ]),
  );
}
