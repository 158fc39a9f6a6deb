import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { partOf, readPartition } from '../../../shared/projection/counter-items.ts';
import { noteHealth } from '../../../shared/projection/health.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const HOURS = 24;
const CAUSES = 'abcdefghijklmnopqrst';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await consumeADay();
  await noteHealth(projection(), { dead_letters: { at: '2026-11-23T05:30:00.000Z', waiting: 1 } });
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

test.each([
  [1, 1],
  [16, 2],
  [64, 4.5],
])(
  'with %i busy consumers all files are counted for %i read units, whatever ages and failures are counted beside',
  async (consumers, most) => {
    await copySlots(consumers);
    const counts = await read({});
    expect(counts.answer).toMatchObject({ total: consumers * (HOURS + CAUSES.length + 1) });
    expect(counts.answer).toMatchObject({ dead_letters_waiting: { waiting: 1 } });
    expect(counts.answer).not.toHaveProperty('in_flight');
    expect(counts.units).toBeLessThanOrEqual(most);
    const late = await read({ in_flight: true });
    expect(late.answer).toMatchObject({ in_flight: { pending: { not_counted: 0 } } });
    if (consumers > 1) expect(late.units).toBeGreaterThan(counts.units);
  },
);

/** What one consumer counts in its slot: lives of files and manifests, one of each hour, and failures of each cause. */
async function consumeADay(): Promise<void> {
  const table = streamedTable();
  const at = (hour: number) => `2026-11-22T${String(hour).padStart(2, '0')}:10:00Z`;
  const lives = Array.from({ length: HOURS }, (_, hour) => {
    const manifest = `MANIFEST#batch-${hour}.json`;
    return [
      table.write(String(hour), { ...uploaded(), created_at: at(hour) }),
      table.write(manifest, { status: 'pending', created_at: at(hour) }),
      table.write(String(hour), { status: 'manifested#3', manifested_at: at(hour) }),
      table.write(manifest, { status: 'processing', updated_at: at(hour) }),
      table.write(String(hour), { status: 'processing#3', processing_at: at(hour) }),
      table.write(manifest, { status: 'completed', updated_at: at(hour) }),
      table.write(String(hour), { status: 'completed', updated_at: at(hour) }),
    ];
  });
  const failures = [...CAUSES].map((cause) => [
    table.write(`failed-${cause}`, uploaded()),
    table.write(`failed-${cause}`, { status: 'failed', error_message: `cause ${cause}` }),
  ]);
  const waits = table.write('waits', { ...uploaded(), created_at: at(HOURS - 1) });
  // Step by step, for a batch of whole lives counts no ages.
  for (let step = 0; step < 7; step++) {
    const records = [...lives, ...failures, [waits]].flatMap((life) => life.slice(step, step + 1));
    const deadLetters = { s3: aws.s3, bucket: aws.buckets.deadLetter };
    await consumeBatch(records, applyDeps(aws, { now: NOW }), deadLetters);
  }
}

/** As if so many had counted the same, each in a slot of its own. */
async function copySlots(consumers: number): Promise<void> {
  const first = (await readPartition(projection(), undefined, 'consistent')).filter(
    (item) => partOf(item)?.slot === 0,
  );
  const copies = Array.from({ length: consumers - 1 }, (_, i) =>
    first.map((item) => ({ ...item, sk: String(item.sk).replace(/0$/, String(i + 1)) })),
  ).flat();
  for (let from = 0; from < copies.length; from += 25) {
    const puts = copies.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await aws.documents.send(new BatchWriteCommand({ RequestItems: { [aws.projectionTable]: puts } }));
  }
}

async function read(input: object) {
  const meter = meterReads(aws.dynamoDb);
  const answer = await ask(operationDeps(aws), { operation: 'get_stats', ...input });
  aws.dynamoDb.middlewareStack.remove('readMeter');
  return { answer, units: meter.readUnits() };
}
