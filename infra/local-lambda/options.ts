import { randomUUID } from 'node:crypto';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { StreamSettings } from './batch.ts';
import type { LambdaStreamRecord } from './event.ts';
import { type Sleep, sleep } from './idleness.ts';
import type { OnFailureDestination } from './on-failure.ts';
import type { StreamRunnerEvent } from './progress.ts';
import type { Outcome } from './response.ts';
import { type Checkpoints, memoryCheckpoints } from './shards.ts';

export interface StreamRunnerOptions {
  streams: DynamoDBStreamsClient;
  streamArn: string;
  functionArn: string;
  /** Rejects when the function could not be invoked at all; that is tried again and uses up no retries. */
  invoke(event: DynamoDBStreamEvent): Promise<Outcome>;
  settings: StreamSettings;
  /** Where discarded records go; without it they are only counted. */
  onFailure?: OnFailureDestination;
  /** Without it, every new runner begins at the starting position. */
  checkpoints?: Checkpoints;
  /** Records it is false for are passed over, as by an event filter. */
  filter?(record: LambdaStreamRecord): boolean;
  onEvent?(event: StreamRunnerEvent): void;
  /** The pause after a read that found nothing; Lambda reads four times a second. */
  pollMilliseconds?: number;
  now?(): Date;
  sleep?: Sleep;
  newId?(): string;
}

export type CompleteOptions = StreamRunnerOptions & ReturnType<typeof defaults>;

export function completeOptions(options: StreamRunnerOptions): CompleteOptions {
  return { ...defaults(), ...options };
}

function defaults() {
  return {
    checkpoints: memoryCheckpoints(),
    onEvent: (_event: StreamRunnerEvent) => {},
    pollMilliseconds: 250,
    now: () => new Date(),
    sleep,
    newId: (): string => randomUUID(),
  };
}
