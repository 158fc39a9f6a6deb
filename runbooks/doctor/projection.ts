import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { ask } from '../../shared/cli/ask.ts';
import { getStats, isNothingCounted, type Stats } from '../../shared/operations/get-stats.ts';
import { PROJECTION_SCHEMA } from '../../shared/projection/projection-table.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { accuracyText } from '../views/stats-view.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';

/** Whether the State Manager's own table exists and follows the pipeline's. */
export const projection = check<ProjectionFacts>({
  name: 'projection',
  deployed: true,
  permission: 'dynamodb:Query',
  async read(reading, { projectionTable, trackingTable }) {
    const [table, tracking] = await Promise.all([
      reading.table(projectionTable),
      reading.table(trackingTable),
    ]);
    const stats = table && (await ask(reading.deps, getStats, {}));
    return { table, stats, records: tracking?.ItemCount ?? 0 };
  },
  judge: judgeProjection,
});

export interface ProjectionFacts {
  readonly table: TableDescription | undefined;
  /** Undefined where there is no table. */
  readonly stats: Stats | undefined;
  /** How many the tracking table has, as counted within the last six hours. */
  readonly records: number;
}

const LONG_SECONDS = 3_600;

export function judgeProjection({ table, stats, records }: ProjectionFacts, asked: Asked): Judgement {
  const { projectionTable, local, deploy, runbook, now } = asked;
  if (!table || !stats)
    return {
      level: 'problem',
      found: `there is no table ${projectionTable}`,
      remedy: { say: local ? 'Start the local system.' : 'Deploy again.', run: local ? asked.start : deploy },
    };
  const key = table.KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  if (key !== PROJECTION_SCHEMA.partitionKey)
    return {
      level: 'problem',
      found: `${projectionTable} is not a projection table: its key is ${key}`,
      remedy: { say: `Set projection_table.name in ${asked.file}.` },
    };
  const found = `${projectionTable}, ${accuracyText(stats, now)}`;
  if (isNothingCounted(stats) && records > 0)
    return {
      level: 'warning',
      found: `${found}; the tracking table has about ${grouped(records)} records`,
      remedy: {
        say: 'If this does not change, create heads for the records that the stream never showed:',
        run: runbook('rebuild'),
      },
    };
  return judgeFreshness(found, stats, runbook);
}

function judgeFreshness(found: string, stats: Stats, runbook: Asked['runbook']): Judgement {
  const waiting = stats.dead_letters_waiting?.waiting ?? 0;
  if (waiting > 0)
    return {
      level: 'warning',
      found: `${found}; ${grouped(waiting)} dead letters are waiting`,
      remedy: { say: 'See docs/handbook.md, "Dead letters wait":', run: runbook('replay-dead-letters') },
    };
  if ((stats.lag_seconds ?? 0) < LONG_SECONDS) return { level: 'ok', found };
  return {
    level: 'warning',
    found,
    remedy: {
      say: 'See docs/handbook.md, "Iterator age grows". To see whether it catches up:',
      run: runbook('watch'),
    },
  };
}
