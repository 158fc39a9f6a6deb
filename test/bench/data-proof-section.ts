import {
  type CountCost,
  countByDuck,
  countPages,
  measureWay,
  type ParquetDate,
  readWhole,
  writeParquetDate,
} from './parquet-date.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import { growthOf, type Section } from './section.ts';

const NAME = 'data-proof';
const SMALL = 100_000;
const MIDDLE = 1_000_000;
const LARGE = 10_000_000;
const WHOLE = 'the same library, all columns as rows';
const DUCK = 'DuckDB';
const MOST_SHARE = 0.01;
const MOST_GROWTH_MEGABYTES = 100;

interface Measurement {
  readonly order: 'by file' | 'mixed';
  readonly date: ParquetDate;
  readonly ours: CountCost;
  readonly whole: CountCost | undefined;
  readonly duck: CountCost;
}

export const dataProofSection: Section = {
  name: NAME,
  about: "bytes, rate and memory of counting a date's rows by file",
  async run({ large }) {
    const measured: Measurement[] = [];
    for (const rows of [SMALL, MIDDLE, ...(large ? [LARGE] : [])]) measured.push(await measure(rows));
    const mixed = await measure(MIDDLE, 'mixed');
    print([...measured, mixed]);
    const points = measured.map(({ date, ours }) => ({ size: date.rows, cost: ours.seconds }));
    return {
      rows: [...measured, mixed].flatMap((each) => rowsOf(each, measured)),
      growth: [growthOf(NAME, 'counting rows by file: seconds', 'rows', points)],
    };
  },
};

async function measure(rows: number, order: 'by file' | 'mixed' = 'by file'): Promise<Measurement> {
  const date = await writeParquetDate(rows, order);
  try {
    const ours = await measureWay(date, countPages);
    const duck = await measureWay(date, countByDuck);
    // It would take minutes and show nothing new.
    const whole = rows < LARGE ? await measureWay(date, readWhole) : undefined;
    return { date, order, ours, whole, duck };
  } finally {
    await date.remove();
  }
}

function rowsOf({ date, order, ours, whole, duck }: Measurement, all: readonly Measurement[]): Row[] {
  const size = { size: date.rows, sizeUnit: order === 'mixed' ? 'rows, files mixed' : 'rows' };
  const [first, wholes] = [all[0]?.ours, all.flatMap((each) => each.whole ?? [])];
  const rate = ({ seconds }: CountCost) => Math.round(date.rows / seconds);
  const million = (bytes: number) => (bytes / date.rows) * 1_000_000;
  const bytes = { name: 'bytes read', value: million(ours.bytesRead), unit: 'bytes a million rows' };
  const rates = { name: 'rate', value: rate(ours), unit: 'rows/s' };
  const memory = { name: 'memory', value: ours.megabytes, unit: 'MB at most' };
  return [
    rowOf(NAME, {
      ...size,
      ...bytes,
      baseline: 'all bytes of the objects',
      baselineValue: million(date.bytes),
      goal: {
        of: 'ratio',
        bound: 'at most',
        limit: MOST_SHARE,
        because: 'Each footer takes one read of 16 KB.',
      },
    }),
    ...(whole ? [rowOf(NAME, { ...size, ...rates, baseline: WHOLE, baselineValue: rate(whole) })] : []),
    rowOf(NAME, { ...size, ...rates, baseline: DUCK, baselineValue: rate(duck) }),
    rowOf(NAME, {
      ...size,
      ...memory,
      baseline: `${WHOLE}, at most ${MIDDLE.toLocaleString('en-US')}`,
      baselineValue: (whole ?? wholes.at(-1) ?? duck).megabytes,
      goal: {
        of: 'value',
        bound: 'at most',
        limit: (first?.megabytes ?? 0) + MOST_GROWTH_MEGABYTES,
        because: 'It holds one page, and half a kilobyte per file.',
      },
    }),
  ];
}

function print(measured: readonly Measurement[]): void {
  const line = ({ date, order }: Measurement, way: string, cost: CountCost) => [
    order === 'mixed' ? `${way}, files mixed` : way,
    date.rows,
    Math.round(date.rows / cost.seconds),
    cost.bytesRead === 0 ? '' : `${((cost.bytesRead / date.bytes) * 100).toFixed(2)}%`,
    cost.megabytes.toFixed(1),
    cost.seconds.toFixed(2),
  ];
  printTable(
    "Counting a date's rows by file",
    ['way', 'rows', 'rows/s', 'of all bytes', 'MB more at most', 's'],
    measured.flatMap((each) => [
      line(each, 'pages of one column', each.ours),
      ...(each.whole ? [line(each, WHOLE, each.whole)] : []),
      line(each, DUCK, each.duck),
    ]),
  );
}
