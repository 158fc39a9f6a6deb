import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SenderPath } from '../settings/index-profile.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';

/** A DynamoDB table, and a client to reach it. */
export interface Table {
  readonly docs: DynamoDBDocumentClient;
  readonly name: string;
}

/** The pipeline's table, and how its records are found by status. `trackingTable` creates it. */
export interface TrackingTable extends Table {
  /** The name of the index by status and date. */
  readonly index: string;
  /** The shard suffixes that files usually have: `#0`. Others are learnt. */
  readonly usualSuffixes: readonly string[];
  /** How the sender of a file is found; left out: files are not counted by sender. */
  readonly senderPath?: SenderPath | undefined;
}

/** The pipeline's buckets, and a client to read them. Nothing here ever writes to them. */
export interface Storage {
  readonly s3: S3Client;
  readonly buckets: {
    readonly input: string;
    readonly manifest: string;
    readonly output: string;
    readonly quarantine: string;
  };
}

/**
 * Everything outside of this code on which it depends. A function takes the part that it needs, as
 * `Pick<Deps, 'projection' | 'now'>`, always under the names given here.
 */
export interface Deps {
  /** The pipeline's table: the truth about its files. */
  readonly tracking: TrackingTable;
  /** Our own table, derived from it. */
  readonly projection: Table;
  readonly storage: Storage;
  /** What the pipeline is like. */
  readonly profile: PipelineProfile;
  /** Milliseconds since the epoch, read once per invocation or command. */
  readonly now: number;
  /** The time of day at this moment, in milliseconds since the epoch: only where it matters how much of it has passed. */
  clock(): number;
  sleep(millis: number): Promise<unknown>;
  /** Evenly distributed in [0, 1). */
  random(): number;
  /** Aborted when it is time to finish work in progress and to stop. */
  readonly signal: AbortSignal;
  /** How long this invocation may still take. */
  remainingMillis(): number;
}
