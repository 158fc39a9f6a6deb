import * as z from 'zod';
import { approvalSettings } from './approval-settings.ts';
import { healingPolicy, REPORT_ONLY } from './healing-policy.ts';
import { pipelineProfile } from './pipeline-profile.ts';

/** How the operations function may answer; `shared/operations/answer-form.ts` says what each form is. */
const answerForm = z.enum(['plain', 'http']);

/** The days that CloudWatch allows. */
const LOG_DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
] as const;

const text = (pattern: RegExp, allowed: string) => z.string().regex(pattern, `allowed: ${allowed}`);

const account = text(/^\d{12}$/, 'the 12 digits of an AWS account');
const region = text(/^(?:[a-z]{2}|eusc)(-[a-z]+)+-\d$/, 'an AWS region such as us-east-1');
const bucket = text(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'a bucket name of 3 to 63 lower-case letters, digits, - and .',
);
const table = text(/^[\w.-]{3,255}$/, 'a table name of 3 to 255 letters, digits, _, - and .');
const stack = text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'a stack name of letters, digits and -');
const name = text(/^[\w-]{1,64}$/, 'up to 64 letters, digits, - and _');
const tableArn = text(
  /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+$/,
  'the ARN of a DynamoDB table, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME',
);
const streamArn = text(
  /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\w.:-]+$/,
  'the ARN of a stream, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL',
);
const topicArn = text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic');
const eventBus = text(/^[A-Za-z0-9_.-]{1,256}$/, 'an event bus name of 1 to 256 letters, digits, _, - and .');
const kmsKeyArn = text(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'the ARN of a KMS key, not its alias',
).optional();

/** The bounds of auto-scaling, in units per second. */
const capacityBounds = (least: number, most: number) =>
  z
    .strictObject({
      least: z.int().min(1).max(40_000).default(least).describe('The minimum capacity'),
      most: z.int().min(1).max(40_000).default(most).describe('The maximum capacity'),
    })
    .refine((bounds) => bounds.least <= bounds.most, 'allowed: `least` no greater than `most`')
    .prefault({});

/**
 * What a person says about one environment, in `settings.ENV.json`: where it is, what its parts are called, what it
 * does by itself, and what its pipeline is like. Every setting has a default.
 */
export const environmentFile = z.strictObject({
  $schema: z.string().optional().describe('For editors: `./docs/settings.schema.json`'),
  account: account
    .optional()
    .describe(
      'The AWS account, the only one in which runbooks write; left out: that of the stream, else the one that deploys',
    ),
  region: region
    .optional()
    .describe('The AWS region; left out: that of the stream, else the one that is deployed to'),
  production: z
    .boolean()
    .default(false)
    .describe(
      "Whether runbooks ask for the table's name before they write, as they always do if a name has the word `prod` or `production`",
    ),
  tracking_table: z
    .strictObject({
      create: z
        .boolean()
        .default(false)
        .describe(
          "Create a table, for an environment without a pipeline; otherwise the pipeline's own is used",
        ),
      name: table
        .optional()
        .describe(
          'The tracking table; left out: the one in the ARN, else `ndjson-parquet-sqs-file-tracking-ENV`; ' +
            'for one that is created, `ndjson-parquet-state-manager-tracking-ENV`',
        ),
      stream_arn: streamArn
        .optional()
        .describe(
          'The ARN of its stream, which has new and old images; required for a deployment, unless the table is created',
        ),
      table_arn: tableArn.optional().describe('Its ARN; left out: the one in `stream_arn`'),
    })
    .prefault({}),
  projection_table: z
    .strictObject({
      name: table
        .optional()
        .describe('The table that the stack creates; left out: `ndjson-parquet-state-manager-ENV`'),
      capacity: z
        .enum(['on_demand', 'provisioned'])
        .default('on_demand')
        .describe(
          '`on_demand` is billed per unit and takes any peak; `provisioned` is billed for the capacity held ready, follows the load within minutes, and costs less than half if many files arrive evenly',
        ),
      write_units: capacityBounds(10, 10_000),
      read_units: capacityBounds(5, 2_000),
    })
    .prefault({}),
  stream: z
    .strictObject({
      batching_window_seconds: z
        .int()
        .min(1)
        .max(300)
        .default(20)
        .describe(
          'How long the first change of a batch waits for others, and so how far counts are behind; the longer, the fewer write units a change costs',
        ),
      batch_size: z
        .int()
        .min(1)
        .max(10_000)
        .default(10_000)
        .describe(
          'Maximum number of changes in a batch. Lambda passes on 6 MB at a time, which is some 3,900 changes',
        ),
    })
    .prefault({}),
  buckets: z
    .strictObject({
      input: bucket
        .optional()
        .describe('The bucket that files are uploaded to; left out: `ndjson-parquet-input-sqs-ENV`'),
      manifest: bucket
        .optional()
        .describe('The bucket of manifests and job reports; left out: `ndjson-parquet-manifest-ENV`'),
      output: bucket
        .optional()
        .describe(
          'The bucket of all outputs, under `pipeline.outputs.prefixes`; left out: `ndjson-parquet-output-ENV`',
        ),
      quarantine: bucket
        .optional()
        .describe('The bucket of refused files; left out: `ndjson-parquet-quarantine-ENV`'),
      dead_letters: bucket
        .optional()
        .describe(
          'The bucket that the stack creates; left out: `state-manager-dead-letters-ENV`, with `-ACCOUNT-REGION` if both are known',
        ),
    })
    .prefault({}),
  names: z
    .strictObject({
      stack: stack.optional().describe('The name of the stack; left out: `ndjson-parquet-state-manager-ENV`'),
      functions: name
        .default('ndjson-parquet-state-management')
        .describe(
          "The prefix of functions, schedules and state machines: `FUNCTIONS-PART-ENV`. A log group has its function's name",
        ),
      operations: name
        .optional()
        .describe('The function that people and programs call; left out: `FUNCTIONS-operations-ENV`'),
      alarms: name
        .optional()
        .describe('The prefix of alarms, their topic and the dashboard; left out: `FUNCTIONS-ENV`'),
    })
    .prefault({}),
  kms_keys: z
    .strictObject({
      tracking_table: kmsKeyArn.describe('The key of the table, if it is one of your own'),
      projection_table: kmsKeyArn.describe("The key to encrypt the projection with; left out: AWS's own"),
      input: kmsKeyArn.describe('The key of the bucket, if it is one of your own'),
      manifest: kmsKeyArn.describe('The key of the bucket, if it is one of your own'),
      output: kmsKeyArn.describe('The key of the bucket, if it is one of your own; rows are read there'),
      quarantine: kmsKeyArn.describe('The key of the bucket, if it is one of your own'),
      dead_letters: kmsKeyArn.describe("The key to encrypt dead letters with; left out: AWS's own"),
    })
    .prefault({}),
  schedules: z
    .boolean()
    .default(true)
    .describe(
      'Whether sweeps, statistics, audits and the watchdog run by themselves; without schedules the alarms `blind`, `overdue-…` and `…-missed` do not exist',
    ),
  read_units_per_second: z
    .int()
    .min(100)
    .max(100_000)
    .default(500)
    .describe(
      'What each job (sweep, audit, rebuild) and each runbook may read from the tracking table and its index per second, so that the pipeline never waits for them',
    ),
  sweep_read_units: z
    .int()
    .min(1_000)
    .default(20_000_000)
    .describe(
      'What one sweep may read from the tables in total, at 8 records per unit. A sweep that would read more ends there, and its report says so',
    ),
  keep_data: z
    .boolean()
    .default(true)
    .describe('Whether data outlives the stack and cannot be deleted by accident'),
  log_retention_days: z.literal(LOG_DAYS).default(90).describe('How long logs are kept'),
  auto_heal: healingPolicy
    .default(REPORT_ONLY)
    .describe('What a sweep may heal automatically: [Automatic healing](settings.md#automatic-healing)'),
  approval: approvalSettings
    .prefault({})
    .describe('Which changes need approval by somebody else: [access.md](access.md#approvals)'),
  answer_form: answerForm
    .default('plain')
    .describe(
      'How the operations function answers: `plain`, or `http`, like a function behind an API, which clients of the older function read',
    ),
  alarms: z
    .strictObject({
      emails: z
        .array(z.email('allowed: an e-mail address'))
        .default([])
        .describe('Who is notified by mail; each address has to confirm once'),
      topic_arn: topicArn.optional().describe('An existing topic to notify; left out: one is created'),
      failures: z
        .strictObject({
          share: z.number().gt(0).lte(1).default(0.2).describe('The share of files that fail'),
          least_files: z
            .int()
            .min(1)
            .default(20)
            .describe('How many files must have settled within 15 minutes before the share counts'),
        })
        .nullable()
        .prefault({})
        .describe('When an alarm reports unusually many failures; null: never'),
    })
    .prefault({}),
  outlet: z
    .strictObject({
      bus: eventBus
        .optional()
        .describe(
          'The EventBridge bus that gets notices, every minute, for about 40 cents a month: [notices.md](notices.md). It is in the account and region of the stack; left out: no notices are sent',
        ),
      create: z.boolean().default(false).describe('Whether to create that bus; otherwise it must exist'),
    })
    .prefault({}),
  pipeline: pipelineProfile
    .prefault({})
    .describe('What the pipeline is like, where it differs from the defaults: [pipeline.md](pipeline.md)'),
});
export type EnvironmentFile = z.output<typeof environmentFile>;
