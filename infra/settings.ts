import { type DeploymentNames, deploymentNames } from '../shared/aws/deployment-names.ts';
import type { Variables } from '../shared/aws/process-environment.ts';
import { type HealingPolicy, REPORT_ONLY, readHealingPolicy } from '../shared/healing/policy.ts';
import { type AnswerForm, readAnswerForm } from '../shared/operations/answer-form.ts';
import { type PipelineProfile, readProfile } from '../shared/settings/pipeline-profile.ts';
import { PROFILE_FILE_TEXT } from '../shared/settings/profile-file.ts';

/** Where the pipeline's table comes from. */
export type TrackingTableSource =
  | { readonly kind: 'new' }
  /** The pipeline's own, which has a stream of new and old images. */
  | { readonly kind: 'existing'; readonly tableArn: string; readonly streamArn: string };

/** What one environment is to be like. */
export interface EnvironmentSettings {
  readonly environment: string;
  readonly names: Readonly<Record<keyof DeploymentNames, string>>;
  readonly trackingTable: TrackingTableSource;
  /** Whether data outlives the stack and cannot be deleted by accident. */
  readonly keepData: boolean;
  /** Sweeps, statistics and audits by themselves; without them people start all of that. */
  readonly enableSchedules: boolean;
  readonly logRetentionDays: 14 | 90;
  /** What a sweep does about what it finds. */
  readonly autoHeal: HealingPolicy;
  /** What the pipeline is like. */
  readonly profile: PipelineProfile;
  /** How the operations function answers. */
  readonly answerForm: AnswerForm;
  /** Who is told of alarms; nobody by mail when undefined. */
  readonly alarmEmail: string | undefined;
  /** A topic that exists and is told of alarms; undefined: one is created. */
  readonly alarmTopicArn: string | undefined;
  /** When so great a share of at least so many files fails, an alarm tells; undefined: never. */
  readonly failureAlarm: { readonly share: number; readonly leastFiles: number } | undefined;
}

/** The account of every value that is yet to be replaced. */
const PLACEHOLDER_ACCOUNT = '000000000000';
const PLACEHOLDER_TABLE = `arn:aws:dynamodb:us-east-1:${PLACEHOLDER_ACCOUNT}:table/${deploymentNames('prod').trackingTable}`;

type Defaults = Pick<
  EnvironmentSettings,
  'trackingTable' | 'keepData' | 'enableSchedules' | 'logRetentionDays' | 'autoHeal' | 'answerForm'
>;

/** Every environment that can be deployed. To add one is a line here, and in `deployment-names.ts`. */
const DEFAULTS = {
  dev: {
    trackingTable: { kind: 'new' },
    keepData: false,
    enableSchedules: false,
    logRetentionDays: 14,
    autoHeal: REPORT_ONLY,
    answerForm: 'plain',
  },
  prod: {
    trackingTable: {
      kind: 'existing',
      tableArn: PLACEHOLDER_TABLE,
      streamArn: `${PLACEHOLDER_TABLE}/stream/2026-01-01T00:00:00.000`,
    },
    keepData: true,
    enableSchedules: true,
    logRetentionDays: 90,
    autoHeal: REPORT_ONLY,
    answerForm: 'plain',
  },
} as const satisfies Record<string, Defaults>;

export type Environment = keyof typeof DEFAULTS;

export const DEPLOYED_ENVIRONMENTS = Object.keys(DEFAULTS) as Environment[];

/**
 * The settings of an environment. Variables of its name go before what is written here, so that ARNs and
 * addresses need not be committed: `PROD_TRACKING_TABLE_ARN`, `PROD_TRACKING_STREAM_ARN`, `PROD_ALARM_EMAIL`,
 * `PROD_ALARM_TOPIC_ARN`, `PROD_INPUT_BUCKET` (MANIFEST, OUTPUT, QUARANTINE, DEAD_LETTER) where the pipeline's
 * buckets have other names, `PROD_AUTO_HEAL` for what a sweep may fix by itself, and `PROD_ANSWER_FORM`.
 *
 * @throws Error when only one of the two ARNs is given, or one of them, the policy or the form is none that is documented
 */
export function environmentSettings(environment: Environment, variables: Variables): EnvironmentSettings {
  const variable = (name: string) => variables[variableName(environment, name)];
  const defaults = DEFAULTS[environment];
  const trackingTable = trackingTableSource(environment, variables) ?? defaults.trackingTable;
  const names = deploymentNames(environment);
  const autoHeal = variable('AUTO_HEAL');
  const answerForm = variable('ANSWER_FORM');
  return {
    ...defaults,
    environment,
    trackingTable,
    autoHeal: autoHeal ? readHealingPolicy(autoHeal) : defaults.autoHeal,
    answerForm: answerForm ? readAnswerForm(answerForm) : defaults.answerForm,
    names: {
      ...names,
      ...(trackingTable.kind === 'existing' && { trackingTable: tableNameOf(trackingTable.tableArn) }),
      inputBucket: variable('INPUT_BUCKET') ?? names.inputBucket,
      manifestBucket: variable('MANIFEST_BUCKET') ?? names.manifestBucket,
      outputBucket: variable('OUTPUT_BUCKET') ?? names.outputBucket,
      quarantineBucket: variable('QUARANTINE_BUCKET') ?? names.quarantineBucket,
      deadLetterBucket: variable('DEAD_LETTER_BUCKET') ?? names.deadLetterBucket,
    },
    profile: readProfile(PROFILE_FILE_TEXT, 'pipeline.json'),
    alarmEmail: variable('ALARM_EMAIL'),
    alarmTopicArn: variable('ALARM_TOPIC_ARN'),
    failureAlarm: { share: 0.2, leastFiles: 20 },
  };
}

/** The account and region that an environment is bound to: those of its table; a new one goes anywhere. */
export function targetOf({
  trackingTable,
}: EnvironmentSettings): { account: string; region: string } | undefined {
  if (trackingTable.kind === 'new') return undefined;
  const [, , , region = '', account = ''] = trackingTable.tableArn.split(':');
  return { account, region };
}

/** The variables that must be set before this can be deployed; the placeholders serve to synthesize only. */
export function missingVariables(settings: EnvironmentSettings): string[] {
  if (targetOf(settings)?.account !== PLACEHOLDER_ACCOUNT) return [];
  return [TABLE_VARIABLE, STREAM_VARIABLE].map((name) => variableName(settings.environment, name));
}

const TABLE_VARIABLE = 'TRACKING_TABLE_ARN';
const STREAM_VARIABLE = 'TRACKING_STREAM_ARN';
const TABLE_ARN = /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+$/;

function trackingTableSource(environment: string, variables: Variables): TrackingTableSource | undefined {
  const tableName = variableName(environment, TABLE_VARIABLE);
  const streamName = variableName(environment, STREAM_VARIABLE);
  const { [tableName]: tableArn, [streamName]: streamArn } = variables;
  if (!tableArn && !streamArn) return undefined;
  if (!tableArn || !streamArn) throw new Error(`Set both ${tableName} and ${streamName}, or neither.`);
  if (!TABLE_ARN.test(tableArn)) {
    throw new Error(`${tableName}: received "${tableArn}", expected the ARN of a DynamoDB table.`);
  }
  if (!streamArn.startsWith(`${tableArn}/stream/`)) {
    throw new Error(`${streamName}: received "${streamArn}", expected ${tableArn}/stream/<label>.`);
  }
  return { kind: 'existing', tableArn, streamArn };
}

function tableNameOf(tableArn: string): string {
  return tableArn.slice(tableArn.indexOf('/') + 1);
}

function variableName(environment: string, name: string): string {
  return `${environment.toUpperCase()}_${name}`;
}
