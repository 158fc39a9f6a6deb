import { readSweepReport } from '../orphans/sweep-report.ts';
import { readLatestReports } from '../projection/reports.ts';
import type { StatsReport } from '../projection/stats-report.ts';
import { statsAnswer } from './answers.ts';
import type { Overview } from './overview-view.ts';
import { readAnswer, readDirectly } from './read.ts';
import type { Source } from './source.ts';

const HOURS = 24;

/** Three reads: the counts, those of the last hours, and the last sweep. */
export async function readOverview(source: Source): Promise<Overview> {
  const { projection, keepSample, now } = source;
  const [stats, reports, sweep] = await Promise.all([
    readAnswer(source, { operation: 'get_stats' }, statsAnswer),
    readDirectly(source, () => readLatestReports<StatsReport>(projection, 'stats', HOURS)),
    readDirectly(source, () => readSweepReport(source)),
  ]);
  const seen =
    stats.kind === 'read'
      ? keepSample({ at: now, counts: stats.value.stats, arrivals: stats.value.arrivals })
      : [];
  return { stats, reports, sweep, samples: seen };
}
