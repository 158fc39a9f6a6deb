import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { withBenchSystem } from './bench-system.ts';
import { copies } from './copies.ts';
import { medianBy, shownNumber } from './numbers.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import type { BenchRun, Section } from './section.ts';
import { measureThroughput, type Throughput, WAYS, type Way } from './throughput.ts';

const NAME = 'consumer';
const COPIES = 3;
const ROUNDS = 3;

/** The first round warms up both engines, Java's and Node's, and is not counted. */
export const consumerSection: Section = {
  name: NAME,
  about: 'transitions per second, compared with bare requests to the same engine',
  async run(run: BenchRun) {
    const records = copies(await run.lives(), COPIES);
    const rounds = await withBenchSystem(async (system) => {
      const measured: Throughput[] = [];
      for (let round = 0; round <= ROUNDS; round++) measured.push(await measureThroughput(system, records));
      return measured.slice(1);
    });
    const typical = medianBy(rounds, (round) => rateOf(round, 'consumer') / rateOf(round, 'bare'));
    print(records.length, rounds);
    return { rows: rowsOf(records.length, typical), growth: [] };
  },
};

function rateOf({ transitions, ways }: Throughput, way: Way): number {
  return transitions / ways[way].seconds;
}

function rowsOf(records: number, typical: Throughput): Row[] {
  const compared = (baseline: string, way: Way) => ({
    name: `stream consumer, batches of ${STREAM_SETTINGS.batchSize}`,
    size: records,
    sizeUnit: 'records',
    value: rateOf(typical, 'consumer'),
    unit: 'transitions/s',
    baseline,
    baselineValue: rateOf(typical, way),
  });
  return [
    rowOf(NAME, {
      ...compared('the same transactions, bare', 'bare'),
      goal: { of: 'ratio', bound: 'at least', limit: 0.7, because: whereTimeWent(typical) },
    }),
    rowOf(NAME, compared('the same, bare, without a stop after each batch', 'bare, not batch by batch')),
    rowOf(NAME, compared('plain batch writes, one item per transition', 'plain')),
  ];
}

function whereTimeWent({ transitions, transactions, ways: { consumer, bare } }: Throughput): string {
  const [more, computed] = [consumer.seconds - bare.seconds, consumer.processor - bare.processor];
  return (
    `For ${shownNumber(transitions)} transitions in ${shownNumber(transactions)} transactions the consumer took ` +
    `${shownNumber(more)} s longer than bare requests. ${shownNumber(computed)} s of that are its own processor ` +
    'time: reading records, deciding, and building requests, which the bare requests got ready-made. The rest is ' +
    'the engine checking conditions, the heads read after a reset, and waiting for other processes on the ' +
    'cores that engine and consumer share.'
  );
}

function print(records: number, rounds: readonly Throughput[]): void {
  printTable(
    `Writing the transitions of ${shownNumber(records)} stream records (all ways in turns; one transaction at a time, or 4 plain requests)`,
    [
      'way',
      'round',
      'transitions',
      'transactions',
      's',
      'processor s here',
      'transitions/s',
      'consumer, of it',
    ],
    WAYS.flatMap((way) =>
      rounds.map((round, i) => [
        way,
        i + 1,
        round.transitions,
        way === 'plain' ? 0 : round.transactions,
        round.ways[way].seconds.toFixed(2),
        round.ways[way].processor.toFixed(2),
        Math.round(rateOf(round, way)),
        (rateOf(round, 'consumer') / rateOf(round, way)).toFixed(2),
      ]),
    ),
  );
}
