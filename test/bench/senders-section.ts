import { createHash } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import type { BenchRun, Section } from './section.ts';
import { measureTransitionCost, type TransitionCost, unfolded } from './transition-cost.ts';

const NAME = 'senders';
const UNIT = 'write units per transition';
const BATCH_SIZES = [1, 10, 50, 200];
const USUAL_SENDERS = 10;
const MANY_SENDERS = [50, 200];
/** The batch size at which no two records of a batch are of one file. */
const UNFOLDED_AT = 50;
const PATH = { path: '{sender}/', prefix: 'pipeline/input/' };

interface Compared {
  readonly senders: number;
  readonly without: TransitionCost;
  readonly counted: TransitionCost;
}

/** There is no goal, because senders are off by default; the setting's description says what they cost. */
export const sendersSection: Section = {
  name: NAME,
  about: 'write units per transition added by counts by sender, by batch size and number of senders',
  async run(run: BenchRun) {
    const records = await run.lives();
    const compared = await withBenchSystem(async (system) => {
      const measure = async (
        of: readonly DynamoDBRecord[],
        size: number,
        order: string,
        path?: typeof PATH,
      ) => measureTransitionCost(await system.database(), of, size, order, undefined, false, path);
      const compare = async (
        of: readonly DynamoDBRecord[],
        size: number,
        order: string,
        counts: number[],
      ) => {
        const without = await measure(of, size, order);
        const found: Compared[] = [];
        for (const senders of counts) {
          found.push({ senders, without, counted: await measure(sentBy(of, senders), size, order, PATH) });
        }
        return found;
      };
      const found: Compared[] = [];
      for (const size of BATCH_SIZES)
        found.push(...(await compare(records, size, 'as streamed', [USUAL_SENDERS])));
      const apart = unfolded(records);
      found.push(
        ...(await compare(apart, UNFOLDED_AT, 'none of a file together', [USUAL_SENDERS, ...MANY_SENDERS])),
      );
      return found;
    });
    print(compared);
    return { rows: compared.map(rowFor), growth: [] };
  },
};

/** The same records, each in the folder of its sender. */
function sentBy(records: readonly DynamoDBRecord[], senders: number): DynamoDBRecord[] {
  return records.map((record) => {
    const key = record.dynamodb?.Keys?.file_key?.S ?? '';
    const number = createHash('sha256').update(key).digest().readUInt32BE() % senders;
    const file_path = { S: `s3://input/pipeline/input/sender-${number}/${key}` };
    const { NewImage, OldImage } = record.dynamodb ?? {};
    return {
      ...record,
      dynamodb: {
        ...record.dynamodb,
        ...(NewImage && { NewImage: { ...NewImage, file_path } }),
        ...(OldImage && { OldImage: { ...OldImage, file_path } }),
      },
    };
  });
}

function rowFor({ senders, without, counted }: Compared): Row {
  const order = counted.order === 'as streamed' ? '' : `, ${counted.order}`;
  return rowOf(NAME, {
    name: `with ${senders} senders${order}`,
    size: counted.batchSize,
    sizeUnit: 'records a batch',
    value: counted.unitsPerTransition,
    unit: UNIT,
    baseline: 'without senders',
    baselineValue: without.unitsPerTransition,
  });
}

function print(compared: readonly Compared[]): void {
  printTable(
    'Write units per transition if files are counted by sender',
    ['batch', 'order', 'senders', 'transactions', 'without', 'of senders', 'with', 'more'],
    compared.map(({ senders, without, counted }) => [
      counted.batchSize,
      counted.order,
      senders,
      `${without.transactions} ${counted.transactions}`,
      without.unitsPerTransition.toFixed(3),
      (counted.unitsOf.senders / counted.transitions).toFixed(3),
      counted.unitsPerTransition.toFixed(3),
      `${((counted.unitsPerTransition / without.unitsPerTransition - 1) * 100).toFixed(1)} %`,
    ]),
  );
}
