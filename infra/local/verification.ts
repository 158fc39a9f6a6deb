import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

/** Records by kind and status, as `file pending: 12`. */
export type ScannedCounts = Readonly<Record<string, number>>;

/**
 * Counts the tracking table the slow and certain way, record by record. It shares no code with the
 * projection, or a fault in the one would hide in the other.
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

/** What `get_stats` answers, as far as it is compared. */
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
