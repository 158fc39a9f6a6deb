import type { LambdaStreamRecord } from '../../infra/local-lambda/event.ts';
import { FIRST_STREAM, SECOND_STREAM, type streamedTable } from '../support/stream-records.ts';
import type { Damage, History, Item } from './history.ts';

/** One record of the stream, and beside it what really happened, told without the code under test. */
export interface Change {
  readonly record: LambdaStreamRecord;
  /** A stream that was switched off and on has other shards than before. */
  readonly shard: number;
  readonly kind: Item['kind'];
  readonly date_prefix: string;
  readonly file_key: string;
  /** The projection table takes no key of this date. */
  readonly refused: boolean;
  /** Without suffix; undefined where there is no record. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly expired: boolean;
  /** Why it failed or was refused, as the record says now; undefined where it says nothing. */
  readonly cause: string | undefined;
  /** Who has sent it, as the path in its record says now; undefined where it says nothing. */
  readonly sender: string | undefined;
  /** `…Z`, as the writer's clock had it; a removal's is the stream's. */
  readonly time: string;
  readonly position: string;
  readonly damaged: boolean;
}

/** One step of a history, whichever record it is of. */
export type Step = Omit<History['steps'][number], 'item'>;

/** A step, and what it is done to. */
export interface Deed {
  readonly step: Step;
  readonly item: Item;
  /** Which record it is done to. */
  readonly index: number;
  readonly restarted: boolean;
}

/** A deed that made a difference. */
export interface Done extends Deed {
  /** The status before and after; undefined where there is no record. */
  readonly was: string | undefined;
  readonly is: string | undefined;
  /** The writer's clock, in milliseconds since the epoch. */
  readonly millis: number;
  /** How many the stream has. */
  readonly shards: number;
  readonly date: string;
}

/** Writes to a table in memory, whose stream takes it down. */
export function changeOf(table: ReturnType<typeof streamedTable>, done: Done): Change {
  const { step, item, index, restarted, was, is, millis } = done;
  const { file_key, date_prefix } = keyOf(item, index, done.date);
  const createdSeconds = Math.floor(millis / 1000);
  const written =
    is === undefined
      ? table.remove(file_key, date_prefix)
      : table.write(file_key, attributesOf(done, is), date_prefix);
  const number = written.dynamodb?.SequenceNumber ?? '';
  const record: LambdaStreamRecord = {
    ...written,
    ...(step.move === 'expire' && is === undefined && { userIdentity: TTL_SERVICE }),
    dynamodb: { ...written.dynamodb, SequenceNumber: number, ApproximateCreationDateTime: createdSeconds },
  };
  // What makes no transition is passed over, however it looks.
  const damage = was !== is && item.kind !== 'lock' ? step.damage : undefined;
  return {
    record: damage ? spoil(record, damage) : record,
    shard: (index % done.shards) + (restarted ? done.shards : 0),
    kind: item.kind,
    date_prefix,
    file_key,
    refused: item.date === 'refused',
    before: was,
    after: is,
    expired: step.move === 'expire',
    cause: causeOf(done),
    sender: senderOf(done),
    time: new Date(is === undefined ? createdSeconds * 1000 : millis).toISOString(),
    position: `${restarted ? SECOND_STREAM : FIRST_STREAM}#${number.padStart(40, '0')}`,
    damaged: damage !== undefined,
  };
}

const TTL_SERVICE = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

function keyOf({ kind }: Item, index: number, date: string) {
  if (kind === 'lock') return { file_key: 'LOCK', date_prefix: `LOCK#${date}-${index}` };
  if (kind === 'manifest') return { file_key: `MANIFEST#batch-${index}-20261123.json`, date_prefix: date };
  return { file_key: `with+space-${index}.ndjson`, date_prefix: date };
}

/** As the pipeline's writers do: no `updated_at` while first pending, and only files are sharded. */
function attributesOf(done: Done, is: string): Record<string, unknown> {
  const { item, index, was, millis } = done;
  const time = new Date(millis).toISOString().replace('Z', '123+00:00');
  const status = item.kind === 'file' ? `${is}#${index % 10}` : is;
  const isUpload = was === undefined && is === 'pending';
  return {
    ...(item.kind !== 'lock' && { status: is === 'unknown' ? undefined : status }),
    ...(isUpload ? { created_at: time } : { updated_at: time }),
    manifest_path: is === 'manifested' ? `pending-manifest-${index}-${millis}` : undefined,
    file_path: pathOf(done),
    error_message: is === 'failed' ? causeOf(done) : undefined,
    quarantine_reason: is === 'quarantined' ? causeOf(done) : undefined,
    ttl: Math.floor(millis / 1000) + 30 * 86_400,
  };
}

/** Another one at every step, so that a record that is touched tells another than when it failed. */
function causeOf({ millis }: Pick<Done, 'millis'>): string | undefined {
  return CAUSES[millis % CAUSES.length];
}

/** Where senders have their folders in the paths of these records. */
export const SENDER_PATH = { path: 'from/{sender}/', prefix: 'pipeline/input/' };

/** Another one at every step, for the same reason. */
function senderOf({ millis }: Pick<Done, 'millis'>): string | undefined {
  return SENDERS[millis % SENDERS.length];
}

function pathOf(done: Done): string {
  const { file_key } = keyOf(done.item, done.index, done.date);
  const sender = senderOf(done);
  return `s3://in/${SENDER_PATH.prefix}${sender === undefined ? '' : `from/${sender}/`}${file_key}`;
}

const SENDERS = ['acme', 'zenith', undefined, 'acme'] as const;

const CAUSES = ['Java heap space', 'Path does not exist', undefined] as const;

function spoil(record: LambdaStreamRecord, damage: Damage): LambdaStreamRecord {
  const spoilt = (part: Partial<LambdaStreamRecord['dynamodb']>) => ({
    ...record,
    dynamodb: { ...record.dynamodb, ...part },
  });
  if (damage === 'no event name') return { ...record, eventName: undefined };
  if (damage === 'no stream') return { ...record, eventSourceARN: undefined };
  if (damage === 'no keys') return spoilt({ Keys: {} });
  if (damage === 'no images') return spoilt({ NewImage: undefined, OldImage: undefined });
  if (damage === 'no number') return spoilt({ SequenceNumber: '' });
  return spoilt({ ApproximateCreationDateTime: Number.NaN });
}
