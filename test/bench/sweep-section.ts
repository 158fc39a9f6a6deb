import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';
import { type DayOfSweeps, measureDay } from './sweeps.ts';
import { type InFlightSweeps, measureInFlight } from './sweeps-in-flight.ts';

const NAME = 'sweep';
const SIZES = [10_000, 100_000];
const LARGE = 1_000_000;
const FILES_A_DAY = 10_000_000;
const FIRST_TABLE = 20_000_000;
// The default setting, and the former limit of what a sweep read in six hours.
const UNITS_PER_SECOND = 500;
const FORMER_UNITS_PER_HOUR = 200_000 / 6;

export const sweepSection: Section = {
  name: NAME,
  about:
    'read units of a day of sweeps, compared with listing changed dates and everything in flight each time',
  async run(run: BenchRun) {
    const sizes = run.large ? [...SIZES, LARGE] : SIZES;
    const { days, inFlight } = await withBenchSystem(async (system) => {
      const measured: DayOfSweeps[] = [];
      for (const files of sizes) {
        for (const way of ['run', 'former'] as const) {
          measured.push(await measureDay(await system.database(), files, way));
        }
      }
      const waiting: InFlightSweeps[] = [];
      for (const files of sizes) waiting.push(await measureInFlight(await system.database(), files));
      return { days: measured, inFlight: waiting };
    });
    print(days);
    printInFlight(inFlight);
    const runs = days.filter(({ way }) => way === 'run');
    return {
      rows: [...runs.flatMap((own) => rowsOf(own, days)), ...inFlight.map(rowOfInFlight)],
      growth: [
        growthOf(
          NAME,
          'a day of sweeps: read units',
          'files',
          runs.map(({ files, readUnits }) => ({ size: files, cost: readUnits })),
        ),
        growthOf(
          NAME,
          'a sweep after the first of a day: read units',
          'files in flight',
          inFlight.map(({ files, other }) => ({ size: files, cost: other })),
        ),
      ],
    };
  },
};

function rowsOf(own: DayOfSweeps, days: readonly DayOfSweeps[]): Row[] {
  const former = days.find(({ way, files }) => way === 'former' && files === own.files);
  if (!former) return [];
  const size = { size: own.files, sizeUnit: 'files' };
  const hours = (files: number, unitsPerHour: number, { readUnits }: DayOfSweeps) =>
    ((readUnits / own.files) * files) / unitsPerHour;
  const rate = UNITS_PER_SECOND * 3_600;
  return [
    rowOf(NAME, {
      ...size,
      name: 'the sweeps of a day',
      value: own.readUnits,
      unit: 'read units',
      baseline: 'listing the date whenever it changed',
      baselineValue: former.readUnits,
      goal: {
        of: 'ratio',
        bound: 'at most',
        limit: 0.4,
        because: 'The date is listed once instead of five times.',
      },
    }),
    rowOf(NAME, {
      ...size,
      name: `a date of ${grouped(FILES_A_DAY)} files, extrapolated`,
      value: hours(FILES_A_DAY, rate, own),
      unit: `hours at ${UNITS_PER_SECOND} units/s`,
      baseline: 'the former bound of 200,000 units in six hours',
      baselineValue: hours(FILES_A_DAY, FORMER_UNITS_PER_HOUR, former),
      goal: {
        of: 'value',
        bound: 'at most',
        limit: 1,
        because: 'A unit reads 8 KB: some fourteen records of 570 bytes.',
      },
    }),
    rowOf(NAME, {
      ...size,
      name: `the first sweep of ${grouped(FIRST_TABLE)} records, extrapolated`,
      value: hours(FIRST_TABLE, rate, own),
      unit: `hours at ${UNITS_PER_SECOND} units/s`,
      baseline: 'the former bound of 200,000 units in six hours',
      baselineValue: hours(FIRST_TABLE, FORMER_UNITS_PER_HOUR, own),
    }),
    rowOf(NAME, {
      ...size,
      name: 'records looked at, one unit on this machine',
      value: own.checked / own.seconds,
      unit: 'records/s',
      baseline: 'what 500 read units/s bring',
      baselineValue: (own.checked / own.readUnits) * UNITS_PER_SECOND,
    }),
  ];
}

/** Three of four sweeps a day use the counters of ages; formerly all four listed everything. */
function rowOfInFlight({ files, first, other }: InFlightSweeps): Row {
  return rowOf(NAME, {
    name: 'four sweeps of a day, ten of the files in flight late',
    ...{ size: files, sizeUnit: 'files in flight' },
    value: first + 3 * other,
    unit: 'read units',
    baseline: 'listing all in flight each time',
    baselineValue: 4 * first,
    goal: {
      of: 'ratio',
      bound: 'at most',
      limit: 0.3,
      because: 'The first sweep of a day reads everything; the others read the counters and what is late.',
    },
  });
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

function print(days: readonly DayOfSweeps[]): void {
  printTable(
    'Sweeps of a day on which one date grows',
    ['way', 'files', 'read units', 'units a file', 'looked at', 'records/s', 's'],
    days.map(({ way, files, readUnits, seconds, checked }) => [
      way,
      files,
      Math.round(readUnits),
      (readUnits / files).toFixed(3),
      checked,
      Math.round(checked / seconds),
      seconds.toFixed(1),
    ]),
  );
}

function printInFlight(sweeps: readonly InFlightSweeps[]): void {
  printTable(
    'Sweeps of a day while files are in flight, ten of them late',
    [
      'files in flight',
      'units of the first',
      'units of each other',
      'units a file, the first',
      'looked at by the others',
    ],
    sweeps.map(({ files, first, other, checked }) => [
      files,
      Math.round(first),
      Math.round(other),
      (first / files).toFixed(3),
      checked,
    ]),
  );
}
