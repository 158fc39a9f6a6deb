import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DEFAULT_WEIGHTS, type FaultWeights } from './faults.ts';

/** The table and the buckets that the simulated pipeline works on. */
export interface PipelineTarget {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  readonly s3: S3Client;
  readonly buckets: PipelineBuckets;
}

export interface PipelineBuckets {
  readonly input: string;
  readonly manifest: string;
  readonly output: string;
  readonly quarantine: string;
}

/** After how many days objects and records expire; fractions of days are allowed. */
export interface LifecycleDays {
  readonly manifest: number;
  readonly input: number;
  readonly quarantine: number;
  /** The `ttl` of a record in a final status, from its last write on. */
  readonly record: number;
  /** The same for a record in flight. */
  readonly inFlight: number;
}

export interface PipelineSettings {
  /** `A` is today's pipeline, `B` an older one that is still deployed. */
  readonly version: 'A' | 'B';
  readonly seed: number;
  /** How many times faster than in the field files are processed; arrivals and lifecycles are not faster. */
  readonly speed: number;
  /** The number of pending files of today from which a manifest is built; it never lists more. */
  readonly maxFiles: number;
  /** What wakes the builder: each upload event; in stream mode, the insert of a record; or nothing, if its trigger is off. */
  readonly wakesOn: 'event' | 'insert' | 'nothing';
  /** Number of status shards; 0 writes no suffix. */
  readonly shards: number;
  /** The name of the table's index by status and date. */
  readonly statusIndex: string;
  /** Whether each file's record is `processing` while its job runs; otherwise only the manifest's is. */
  readonly marksProcessing: boolean;
  /** Only keys below it that end in `.ndjson` are sent as events. */
  readonly inputPrefix: string;
  /** For a deployment whose job writes below a prefix; in the field, it is the bucket's root. */
  readonly outputPrefix: string;
  /** For a deployment that adds a prefix to the copies' keys; in the field, there is none. */
  readonly quarantinePrefix: string;
  readonly lifecycle: LifecycleDays;
  readonly weights: FaultWeights;
  /** Whether all jobs that could read their inputs fail for one reason. */
  readonly failsAlike: boolean;
  /**
   * Whether builders of one second choose the same name by chance, as in the field. A faster life has as many more
   * builders a second, and so more of it.
   */
  readonly namesCollide: boolean;
}

/** What a simulated pipeline works on, and its settings; the defaults are those of the field. */
export interface LifeOptions extends PipelineTarget, Partial<PipelineSettings> {
  /** How many files arrive per second on average, at random; by default, only those that are uploaded explicitly. */
  readonly rate?: number;
  /** Stops after this many arrivals; by default, there is no end. */
  readonly files?: number | undefined;
}

export interface PipelineOptions extends LifeOptions {
  /** Milliseconds since the epoch. */
  readonly startMillis: number;
  /** A running clock; without it, each moment is exactly when it is due. */
  readonly clock?: () => number;
}

/** How long production keeps things. */
export const FIELD_LIFECYCLE: LifecycleDays = {
  manifest: 3,
  input: 7,
  quarantine: 30,
  record: 90,
  inFlight: 30,
};

export function settingsOf(options: Partial<PipelineSettings>): PipelineSettings {
  const version = options.version ?? 'A';
  return {
    version,
    seed: options.seed ?? 1,
    speed: options.speed ?? 1,
    maxFiles: options.maxFiles ?? 10,
    wakesOn: options.wakesOn ?? 'event',
    shards: options.shards ?? 10,
    statusIndex: options.statusIndex ?? 'status-index',
    marksProcessing: options.marksProcessing ?? version === 'B',
    inputPrefix: options.inputPrefix ?? 'pipeline/input/',
    outputPrefix: options.outputPrefix ?? '',
    quarantinePrefix: options.quarantinePrefix ?? '',
    lifecycle: options.lifecycle ?? FIELD_LIFECYCLE,
    weights: options.weights ?? DEFAULT_WEIGHTS,
    failsAlike: options.failsAlike ?? false,
    namesCollide: options.namesCollide ?? true,
  };
}
