import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
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
    const total = JSON.stringify(countedIn(stats));
    if (compared?.total === total) return compared.result;
    if (!feed.finished() || stream.progress().behindSeconds > 0) {
      return 'will be compared with a full scan when the writers pause';
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
 * Counts the tracking table slowly but surely, record by record. It shares no code with the projection: otherwise a
 * fault could be in both and never show. Only keys and status are read, in their stored form: other attributes may hold
 * numbers that JavaScript cannot represent exactly.
 */
export async function scanCounts(docs: DynamoDBDocumentClient, table: string): Promise<ScannedCounts> {
  const counts: Record<string, number> = {};
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await docs.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ProjectionExpression: 'date_prefix, file_key, #status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExclusiveStartKey: start,
      }),
    );
    for (const record of page.Items ?? []) {
      const name = countedAs(record);
      if (name) counts[name] = (counts[name] ?? 0) + 1;
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return counts;
}

const KNOWN = ['pending', 'manifested', 'processing', 'completed', 'failed', 'quarantined'];

/** Locks are not counted. Unknown, missing and non-text statuses share one counter. */
function countedAs({ date_prefix, file_key, status }: Record<string, AttributeValue>): string | undefined {
  if ([date_prefix, file_key].some((key) => /^LOCK(#|$)/.test(key?.S ?? ''))) return undefined;
  const kind = /^MANIFEST(#|$)/.test(file_key?.S ?? '') ? 'manifest' : 'file';
  const [name = ''] = status?.S?.split('#') ?? [];
  return `${kind} ${KNOWN.includes(name) ? name : 'unknown'}`;
}

/** The part of a `get_stats` answer that is compared. */
export interface StatsAnswer extends CountsAnswer {
  readonly manifests: CountsAnswer;
}

interface CountsAnswer {
  readonly stats: Readonly<Record<string, number>>;
  readonly total: number;
  /** Those with any other status; left out when there are none. */
  readonly unknown_status?: number;
}

/** Where counters and scan disagree, each as a sentence; empty when the counts are exact. */
export function differences(stats: StatsAnswer, scanned: ScannedCounts): string[] {
  const counted = countedIn(stats);
  const names = new Set([...Object.keys(counted), ...Object.keys(scanned)]);
  return [...names].flatMap((name) => {
    const [counter = 0, scan = 0] = [counted[name], scanned[name]];
    return counter === scan ? [] : [`${name}: counted ${counter}, scanned ${scan}`];
  });
}

function countedIn(stats: StatsAnswer): ScannedCounts {
  return { ...named('file', stats), ...named('manifest', stats.manifests) };
}

function named(kind: string, { stats, unknown_status }: CountsAnswer): ScannedCounts {
  const counts = { ...stats, ...(unknown_status !== undefined && { unknown: unknown_status }) };
  return Object.fromEntries(Object.entries(counts).map(([status, count]) => [`${kind} ${status}`, count]));
}
