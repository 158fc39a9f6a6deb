import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Feed } from './feed.ts';
import type { LocalSettings } from './settings.ts';
import type { LocalSystem } from './system.ts';

/**
 * Compares the counters with a full scan once the writers pause, and again whenever the counts have changed
 * since. While files move it waits: counters and scan are read at different moments and would differ.
 *
 * @returns a function that compares if it can, and resolves to the result as a phrase
 */
export function countComparer(
  settings: LocalSettings,
  { dynamoDb, stream }: LocalSystem,
  feed: Feed,
): (stats: StatsAnswer) => Promise<string> {
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  let compared: { total: string; result: string } | undefined;
  return async (stats) => {
    const total = JSON.stringify([stats.stats, stats.manifests.stats]);
    if (compared?.total === total) return compared.result;
    if (!feed.finished() || stream.progress().behindSeconds > 0) {
      return 'compared with a full scan when the writers pause';
    }
    const found = differences(stats, await scanCounts(docs, settings.names.trackingTable));
    const records = stats.total + stats.manifests.total;
    if (found.length > 0) return `still catching up (${found.join('; ')})`;
    compared = { total, result: `counters equal a full scan of ${records} records` };
    return compared.result;
  };
}

/** Records by kind and status, as `file pending: 12`. */
export type ScannedCounts = Readonly<Record<string, number>>;

/**
 * Counts the tracking table slowly but surely, record by record. It shares no code with the
 * projection: otherwise a fault could be in both and never show.
 */
export async function scanCounts(docs: DynamoDBDocumentClient, table: string): Promise<ScannedCounts> {
  const counts: Record<string, number> = {};
  const scan = paginateScan({ client: docs }, { TableName: table, ConsistentRead: true });
  for await (const { Items = [] } of scan) {
    for (const { file_key, date_prefix, status } of Items) {
      if (String(date_prefix).startsWith('LOCK#')) continue;
      const kind = String(file_key).startsWith('MANIFEST#') ? 'manifest' : 'file';
      const name = `${kind} ${String(status).split('#')[0]}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

/** The part of a `get_stats` answer that is compared. */
export interface StatsAnswer {
  readonly stats: Readonly<Record<string, number>>;
  readonly total: number;
  readonly manifests: { readonly stats: Readonly<Record<string, number>>; readonly total: number };
}

/** Where counters and scan disagree, each as a sentence; empty when the counts are exact. */
export function differences(stats: StatsAnswer, scanned: ScannedCounts): string[] {
  const counted = { ...named('file', stats.stats), ...named('manifest', stats.manifests.stats) };
  const names = new Set([...Object.keys(counted), ...Object.keys(scanned)]);
  return [...names].flatMap((name) => {
    const [counter = 0, scan = 0] = [counted[name], scanned[name]];
    return counter === scan ? [] : [`${name}: counted ${counter}, scanned ${scan}`];
  });
}

function named(kind: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([status, count]) => [`${kind} ${status}`, count]));
}
