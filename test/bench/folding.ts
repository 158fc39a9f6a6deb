import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { exactNumber } from '../../shared/aws/clients.ts';
import { advance, foldTask } from '../../shared/projection/advance.ts';
import type { CounterChange } from '../../shared/projection/counter-kind.ts';
import { sumChanges } from '../../shared/projection/counter-kinds.ts';
import { counterWrites } from '../../shared/projection/counter-writes.ts';
import { type Folded, fold } from '../../shared/projection/fold.ts';
import type { Head } from '../../shared/projection/head.ts';
import { PROJECTION_TABLE } from './bench-system.ts';
import { transitionsIn } from './naive.ts';
import { chunks } from './numbers.ts';

export type Batches = readonly (readonly DynamoDBRecord[])[];

const HEADS_PER_TRANSACTION = 94;
const NO_POSITIONS: ReadonlySet<string> = new Set();

/** How far records are processed without a table. Each stage includes the ones before it, except the first. */
export const LISTINGS = {
  unmarshalled: unmarshallAll,
  parsed: (batches: Batches) => {
    for (const batch of batches) transitionsIn(batch);
  },
  folded: (batches: Batches) => {
    for (const batch of batches) fold(transitionsIn(batch));
  },
  settled: settleAll,
  requested: requestAll,
};
export type Listing = keyof typeof LISTINGS;

/** What most consumers start with: both images converted into plain objects. */
function unmarshallAll(batches: Batches): void {
  for (const { dynamodb } of batches.flat()) {
    for (const image of [dynamodb?.OldImage, dynamodb?.NewImage]) {
      if (image) unmarshall(image as Record<string, AttributeValue>, { wrapNumbers: exactNumber });
    }
  }
}

/** A projection in memory: the heads that result from a stream, and its counters. */
export function settleAll(batches: Batches): CounterChange[] {
  const dates = new Map<string, Map<string, Head>>();
  const sums: CounterChange[] = [];
  for (const batch of batches) {
    const counted: CounterChange[] = [];
    for (const folded of fold(transitionsIn(batch))) {
      const heads = dates.get(folded.date_prefix) ?? new Map<string, Head>();
      const { write } = advance(heads.get(folded.file_key), folded, NO_POSITIONS, 0);
      if (!write) continue;
      dates.set(folded.date_prefix, heads.set(folded.file_key, write.head));
      counted.push(...write.changes);
    }
    sums.push(...sumChanges(counted));
  }
  return sumChanges(sums);
}

/** Everything that the consumer computes before it sends a request, if it does not have to read a head first. */
function requestAll(batches: Batches): void {
  for (const batch of batches) {
    for (const group of chunks(fold(transitionsIn(batch)), HEADS_PER_TRANSACTION)) {
      counterWrites(PROJECTION_TABLE, group.flatMap(headWrites), 0, 0);
    }
  }
}

function headWrites(folded: Folded) {
  const write = foldTask(PROJECTION_TABLE, folded, 0).blind()?.write;
  return write ? [write] : [];
}
