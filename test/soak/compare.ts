import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type CounterItem, sumCounters } from '../../shared/projection/counters.ts';
import { PROJECTION_TABLE, TRACKING_TABLE } from '../bench/bench-system.ts';

/** Compares every record with its head, and the counters with both, by two plain scans. */
export async function compareWithTable(docs: DynamoDBDocumentClient) {
  const records = new Map<string, string>();
  for await (const { Items = [] } of paginateScan({ client: docs }, { TableName: TRACKING_TABLE })) {
    for (const { date_prefix, file_key, status } of Items) {
      records.set(`${date_prefix}/${file_key}`, String(status).split('#')[0] ?? '');
    }
  }
  const heads = new Map<string, string>();
  const slots: CounterItem[] = [];
  for await (const { Items = [] } of paginateScan({ client: docs }, { TableName: PROJECTION_TABLE })) {
    for (const item of Items) {
      const [kind, date] = String(item.pk).split('#');
      if (kind === 'FILE' && item.expires_at === undefined)
        heads.set(`${date}/${item.sk}`, String(item.status));
      if (item.pk === 'STATS#ALL') slots.push(item);
    }
  }
  const wrongHeads = [...records].filter(([key, status]) => heads.get(key) !== status).length;
  const surplus = [...heads.keys()].filter((key) => !records.has(key)).length;
  const counted = sumCounters(slots).file;
  const statuses = Object.keys(counted) as (keyof typeof counted)[];
  const wrongCounters = statuses.filter(
    (status) => counted[status] !== [...records.values()].filter((actual) => actual === status).length,
  ).length;
  return { records: records.size, heads: heads.size, differences: wrongHeads + surplus + wrongCounters };
}
