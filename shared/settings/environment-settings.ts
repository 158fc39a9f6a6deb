import type { EnvironmentFile } from './environment-schema.ts';

/** Where the pipeline's table comes from. */
export type TrackingTableSource =
  | { readonly kind: 'new' }
  /** The pipeline's own, which has a stream of new and old images. */
  | { readonly kind: 'existing'; readonly tableArn: string; readonly streamArn: string };

/** What the parts of one environment are called. */
export interface DeploymentNames {
  readonly stack: string;
  readonly trackingTable: string;
  readonly projectionTable: string;
  readonly inputBucket: string;
  readonly manifestBucket: string;
  readonly outputBucket: string;
  readonly quarantineBucket: string;
  readonly deadLetterBucket: string;
  /** Functions, schedules and state machines begin with it. */
  readonly functionPrefix: string;
  readonly operationsFunction: string;
  readonly consumerFunction: string;
  /** Every alarm's name begins with it. */
  readonly alarmPrefix: string;
}

/** How many stream records make a batch, and how long the first of them waits for others. */
export interface StreamBatches {
  readonly batchSize: number;
  readonly windowSeconds: number;
}

/** How a table is billed: per unit, or for the capacity held ready, which follows the load between bounds. */
export type TableCapacity =
  | { readonly mode: 'on_demand' }
  | { readonly mode: 'provisioned'; readonly write: CapacityBounds; readonly read: CapacityBounds };

/** In units per second. */
export interface CapacityBounds {
  readonly least: number;
  readonly most: number;
}

/** The settings of one environment. */
export interface EnvironmentSettings {
  readonly environment: string;
  /** Where it is; undefined if not set, so it goes wherever it is deployed. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Whether a change needs the table's name typed once more. */
  readonly production: boolean;
  readonly names: DeploymentNames;
  readonly trackingTable: TrackingTableSource;
  /** ARNs of keys of one's own, by what they encrypt. */
  readonly kmsKeys: Readonly<Partial<EnvironmentFile['kms_keys']>>;
  /** How changes are gathered before the consumer gets them. */
  readonly stream: StreamBatches;
  /** How the projection table is billed. */
  readonly capacity: TableCapacity;
  /** What each job or runbook may read from the tracking table per second, in read units. */
  readonly readUnitsPerSecond: number;
  /** What one sweep may read in total, in read units. */
  readonly sweepReadUnits: number;
  /** Whether data outlives the stack and cannot be deleted by accident. */
  readonly keepData: boolean;
  /** Whether sweeps, statistics and audits run by themselves; otherwise people start them. */
  readonly enableSchedules: boolean;
  readonly logRetentionDays: EnvironmentFile['log_retention_days'];
  /** What a sweep does about what it finds. */
  readonly autoHeal: EnvironmentFile['auto_heal'];
  /** Which changes somebody else has to approve. */
  readonly approval: EnvironmentFile['approval'];
  /** What the pipeline is like. */
  readonly profile: EnvironmentFile['pipeline'];
  /** How the operations function answers. */
  readonly answerForm: EnvironmentFile['answer_form'];
  /** Who is notified of alarms by mail. */
  readonly alarmEmails: readonly string[];
  /** An existing topic to notify of alarms; undefined: one is created. */
  readonly alarmTopicArn: string | undefined;
  /** The bus that gets notices, and whether to create it; undefined: there is none. */
  readonly outlet: { readonly bus: string; readonly create: boolean } | undefined;
  /** An alarm goes off when this share of at least this many files fails; undefined: never. */
  readonly failureAlarm: { readonly share: number; readonly leastFiles: number } | undefined;
}

/** The account of an environment whose table is not named yet: it serves only for synthesis. */
const PLACEHOLDER_ACCOUNT = '000000000000';
const PLACEHOLDER_LABEL = '2026-01-01T00:00:00.000';

/** The settings in a file, with a default for everything that it leaves out. Pure. */
export function settingsOf(environment: string, file: EnvironmentFile): EnvironmentSettings {
  const { account, region } = placeOf(file);
  const names = namesOf(environment, file);
  const { failures } = file.alarms;
  return {
    environment,
    account,
    region,
    names,
    production: file.production,
    trackingTable: sourceOf(file, names.trackingTable),
    kmsKeys: file.kms_keys,
    stream: {
      batchSize: file.stream.batch_size,
      windowSeconds: file.stream.batching_window_seconds,
    },
    capacity: capacityOf(file.projection_table),
    readUnitsPerSecond: file.read_units_per_second,
    sweepReadUnits: file.sweep_read_units,
    keepData: file.keep_data,
    enableSchedules: file.schedules,
    logRetentionDays: file.log_retention_days,
    autoHeal: file.auto_heal,
    approval: file.approval,
    profile: file.pipeline,
    answerForm: file.answer_form,
    alarmEmails: file.alarms.emails,
    alarmTopicArn: file.alarms.topic_arn,
    outlet: file.outlet.bus === undefined ? undefined : { ...file.outlet, bus: file.outlet.bus },
    failureAlarm: failures ? { share: failures.share, leastFiles: failures.least_files } : undefined,
  };
}

/** Whether its tracking table is not named yet: it can be synthesized, but not deployed. */
export function hasPlaceholders({ trackingTable }: EnvironmentSettings): boolean {
  return (
    trackingTable.kind === 'existing' &&
    (trackingTable.streamArn.endsWith(`/${PLACEHOLDER_LABEL}`) ||
      accountIn(trackingTable.tableArn) === PLACEHOLDER_ACCOUNT)
  );
}

/** The ARN of the pipeline's table, if the file has it. */
export function tableArnOf({
  tracking_table: { table_arn, stream_arn },
}: EnvironmentFile): string | undefined {
  return table_arn ?? stream_arn?.slice(0, stream_arn.indexOf('/stream/'));
}

export function tableNameIn(tableArn: string): string {
  return tableArn.slice(tableArn.indexOf('/') + 1);
}

export function regionIn(arn: string): string {
  return arn.split(':')[3] ?? '';
}

export function accountIn(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function placeOf(file: EnvironmentFile): { account: string | undefined; region: string | undefined } {
  const arn = tableArnOf(file);
  return {
    account: file.account ?? (arn && accountIn(arn)),
    region: file.region ?? (arn && regionIn(arn)),
  };
}

function capacityOf({
  capacity,
  write_units,
  read_units,
}: EnvironmentFile['projection_table']): TableCapacity {
  if (capacity === 'on_demand') return { mode: capacity };
  return { mode: capacity, write: write_units, read: read_units };
}

function sourceOf(file: EnvironmentFile, tableName: string): TrackingTableSource {
  if (file.tracking_table.create) return { kind: 'new' };
  const { account = PLACEHOLDER_ACCOUNT, region = 'us-east-1' } = file;
  const tableArn = tableArnOf(file) ?? `arn:aws:dynamodb:${region}:${account}:table/${tableName}`;
  const { stream_arn = `${tableArn}/stream/${PLACEHOLDER_LABEL}` } = file.tracking_table;
  return { kind: 'existing', tableArn, streamArn: stream_arn };
}

function namesOf(environment: string, file: EnvironmentFile): DeploymentNames {
  const { buckets, names } = file;
  const { functions: functionPrefix } = names;
  return {
    stack: names.stack ?? `ndjson-parquet-state-manager-${environment}`,
    trackingTable: trackingTableName(environment, file),
    projectionTable: file.projection_table.name ?? `ndjson-parquet-state-manager-${environment}`,
    inputBucket: buckets.input ?? `ndjson-parquet-input-sqs-${environment}`,
    manifestBucket: buckets.manifest ?? `ndjson-parquet-manifest-${environment}`,
    outputBucket: buckets.output ?? `ndjson-parquet-output-${environment}`,
    quarantineBucket: buckets.quarantine ?? `ndjson-parquet-quarantine-${environment}`,
    deadLetterBucket: buckets.dead_letters ?? deadLetterBucketName(environment, file),
    functionPrefix,
    operationsFunction: names.operations ?? `${functionPrefix}-operations-${environment}`,
    consumerFunction: `${functionPrefix}-stream-consumer-${environment}`,
    alarmPrefix: names.alarms ?? `${functionPrefix}-${environment}`,
  };
}

/** A table that is created must not have the name of the pipeline's own, which may be in the same account. */
function trackingTableName(environment: string, file: EnvironmentFile): string {
  const { name, create } = file.tracking_table;
  const arn = tableArnOf(file);
  if (name !== undefined) return name;
  if (create) return `ndjson-parquet-state-manager-tracking-${environment}`;
  return arn ? tableNameIn(arn) : `ndjson-parquet-sqs-file-tracking-${environment}`;
}

/** Bucket names are shared by all accounts and regions. */
function deadLetterBucketName(environment: string, file: EnvironmentFile): string {
  const { account, region } = placeOf(file);
  const where = account && region ? `-${account}-${region}` : '';
  return `state-manager-dead-letters-${environment}${where}`;
}
