import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import { toLambdaRecord } from '../../../infra/local-lambda/event.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/tracking/stream/2026-11-23T05:22:46.000';
const NOW = new Date('2026-11-23T05:30:40.500Z');
const epoch = (time: string) => String(Date.parse(time) / 1000);

function removed(ttl: string, created = '2026-11-23T05:30:00.000Z'): SdkRecord {
  return {
    eventID: '1',
    eventName: 'REMOVE',
    dynamodb: {
      SequenceNumber: '000000000000000000007',
      ApproximateCreationDateTime: new Date(created),
      OldImage: { ttl: { N: ttl } },
    },
  };
}

test('a record has the JSON form that Lambda gives it', () => {
  const bytes = Uint8Array.from([1, 2, 255]);
  const record = toLambdaRecord(
    {
      eventID: 'fd03ae15',
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: new Date('2026-11-23T05:30:07.999Z'),
        Keys: { pk: { S: '' } },
        NewImage: {
          b: { B: bytes },
          bs: { BS: [bytes] },
          l: { L: [{ M: { deep: { B: bytes } } }, { NULL: true }, { BOOL: false }] },
          n: { N: '0' },
          ns: { NS: ['1'] },
          ss: { SS: ['a'] },
        },
        SequenceNumber: '000000000000000000001',
        SizeBytes: 25,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
    ARN,
    NOW,
  );
  expect(JSON.parse(JSON.stringify(record))).toStrictEqual({
    eventID: 'fd03ae15',
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_795_411_807,
      Keys: { pk: { S: '' } },
      NewImage: {
        b: { B: 'AQL/' },
        bs: { BS: ['AQL/'] },
        l: { L: [{ M: { deep: { B: 'AQL/' } } }, { NULL: true }, { BOOL: false }] },
        n: { N: '0' },
        ns: { NS: ['1'] },
        ss: { SS: ['a'] },
      },
      SequenceNumber: '000000000000000000001',
      SizeBytes: 25,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: ARN,
  });
});

test('a time that is cut to the minute is that of the read, within its minute', () => {
  const secondsOf = (created: string) =>
    toLambdaRecord(removed('soon', created), ARN, NOW).dynamodb.ApproximateCreationDateTime;
  expect(secondsOf('2026-11-23T05:30:00.000Z')).toBe(Date.parse('2026-11-23T05:30:40Z') / 1000);
  expect(secondsOf('2026-11-23T05:28:00.000Z')).toBe(Date.parse('2026-11-23T05:28:59Z') / 1000);
  expect(secondsOf('2026-11-23T05:31:00.000Z')).toBe(Date.parse('2026-11-23T05:31:00Z') / 1000);
});

test('what stands for an empty map becomes one; an unknown type is an error', () => {
  const image = (value: object): SdkRecord => ({
    dynamodb: { SequenceNumber: '1', NewImage: { odd: value } } as SdkRecord['dynamodb'],
  });
  expect(toLambdaRecord(image({}), ARN, NOW).dynamodb.NewImage).toEqual({ odd: { M: {} } });
  expect(() => toLambdaRecord(image({ X: '1' }), ARN, NOW)).toThrow('Unknown attribute type: X');
});

describe('a removal', () => {
  const TTL = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

  test('of an item whose ttl had passed is one by the service', () => {
    expect(toLambdaRecord(removed(epoch('2026-11-23T05:29:59Z')), ARN, NOW).userIdentity).toEqual(TTL);
    expect(toLambdaRecord(removed(epoch('2026-11-23T05:30:40Z')), ARN, NOW).userIdentity).toEqual(TTL);
  });

  test('of an item whose ttl had not passed is one by a person', () => {
    expect(toLambdaRecord(removed(epoch('2026-11-23T05:30:41Z')), ARN, NOW)).not.toHaveProperty(
      'userIdentity',
    );
    expect(toLambdaRecord(removed('soon'), ARN, NOW)).not.toHaveProperty('userIdentity');
  });

  test('is judged by its own time when it is read much later', () => {
    const record = removed(epoch('2026-11-23T02:30:00Z'), '2026-11-23T01:10:00.000Z');
    expect(toLambdaRecord(record, ARN, NOW)).not.toHaveProperty('userIdentity');
  });

  test('keeps the author that the service names', () => {
    const record = {
      ...removed('soon'),
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    };
    expect(toLambdaRecord(record, ARN, NOW).userIdentity).toEqual(TTL);
  });
});
