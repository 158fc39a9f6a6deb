import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { oldestInFlight } from '../../../shared/statistics/oldest-in-flight.ts';
import { changeContext } from '../../support/changes.ts';
import { localAws } from '../../support/local-aws.ts';

test('the oldest is the one known to be in its status for longest, over all shards; unknown ages are counted separately', async () => {
  const aws = await localAws();
  const file = (file_key: string, attributes: object) => ({
    date_prefix: '2026-11-23',
    file_key,
    ...attributes,
  });
  const items = [
    file('a', { status: 'pending#1', created_at: '2026-11-23T05:00:00Z' }),
    file('b', { status: 'pending#12', created_at: '2026-11-23T04:00:00Z' }),
    file('c', { status: 'manifested', manifest_time: '2026-11-23T03:00:00Z' }),
    file('d', { status: 'manifested#2', manifest_time: 'once' }),
    file('e', { status: 'completed', completed_time: '2026-11-23T01:00:00Z' }),
    file('f', { status: 'processing', processing_start_time: '2031-11-23T01:00:00Z' }),
  ];
  const RequestItems = { [aws.trackingTable]: items.map((Item) => ({ PutRequest: { Item } })) };
  await aws.documents.send(new BatchWriteCommand({ RequestItems }));
  expect(await oldestInFlight(changeContext(aws), { file: ['#12'], manifest: [], areMore: false })).toEqual([
    {
      ...{ status: 'pending', date_prefix: '2026-11-23', file_key: 'b', since: '2026-11-23T04:00:00.000Z' },
      ...{ age_unknown: 0, is_certain: true },
    },
    {
      ...{
        status: 'manifested',
        date_prefix: '2026-11-23',
        file_key: 'c',
        since: '2026-11-23T03:00:00.000Z',
      },
      ...{ age_unknown: 1, is_certain: true },
    },
    {
      ...{ status: 'processing', date_prefix: '2026-11-23', file_key: 'f', since: undefined },
      ...{ age_unknown: 1, is_certain: true },
    },
  ]);
});
