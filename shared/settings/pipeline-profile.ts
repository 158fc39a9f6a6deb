import * as z from 'zod';
import { arrivalsProfile } from './arrivals-profile.ts';
import { FIELD_INDEX, FIELD_INPUT_PREFIX } from './index-profile.ts';

const prefix = z
  .string()
  .regex(
    /^(?!\/)(.*\/)?$/s,
    'allowed: an empty prefix, or one that ends with a slash and does not begin with one',
  );
// One sender and at most three wildcards: the path is compared with the name of every file that arrives.
const senderPath = z
  .string()
  .max(100)
  .regex(
    /^(?!(?:[^*]*\*){4})(?:[^{}*]|\{date\}|\*(?!\*))*\{sender\}[^{}*](?:[^{}*]|\{date\}|\*(?!\*))*$/s,
    'allowed: a path with {sender} once and a character after it; also {date}, and * at most three times',
  );
/** The longest grace that is allowed: the check of completed files relies on it. */
export const LONGEST_GRACE_HOURS = 1;

const days = z.number().positive();
const hours = z.number().positive();

/**
 * What one pipeline is like: where it puts things, how it spells them, and when they expire. The defaults are those of
 * the pipeline in the field; `pipeline` in `settings.ENV.json` has what differs.
 */
export const pipelineProfile = z.strictObject({
  input: z
    .strictObject({
      prefix: prefix
        .default(FIELD_INPUT_PREFIX)
        .describe('S3 tells the pipeline only about objects under this prefix'),
      suffix: z
        .string()
        .default('.ndjson')
        .describe('S3 tells the pipeline only about objects whose key ends with this, byte for byte'),
      expire_days: days
        .nullable()
        .default(7)
        .describe('A lifecycle rule removes inputs after this many days; null: never'),
    })
    .prefault({}),
  manifests: z
    .strictObject({
      prefix: prefix
        .default('manifests/')
        .describe('Where the builder puts manifests, in the manifest bucket'),
      expire_days: days
        .nullable()
        .default(3)
        .describe('Manifests are removed after this many days; null: never'),
    })
    .prefault({}),
  job_reports: z
    .strictObject({
      prefix: prefix
        .default('logs/glue/')
        .describe(
          'Where jobs leave their reports, in the manifest bucket; names begin with the day of the run',
        ),
      expire_days: days
        .nullable()
        .default(null)
        .describe('Reports are removed after this many days; null: never'),
    })
    .prefault({}),
  outputs: z
    .strictObject({
      prefixes: z
        .array(prefix)
        .min(1)
        .default(['', 'pipeline/output/', 'parquet/'])
        .describe(
          'Where the folder of a date may be in the output bucket; all are searched. Empty: its root',
        ),
      folder: z
        .string()
        .regex(/\{date\}.*\/$/s, 'allowed: a folder that contains {date} and ends with a slash')
        .default('merged-parquet-{date}/')
        .describe('The folder that all jobs of a date write to'),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      prefix: prefix
        .default('')
        .describe("The prefix before the object's own key in the quarantine bucket; empty: none"),
      expire_days: days
        .nullable()
        .default(30)
        .describe('Copies are removed after this many days; null: never'),
    })
    .prefault({}),
  data_proof: z
    .strictObject({
      days: z
        .int()
        .min(0)
        .max(8)
        .default(8)
        .describe(
          'The nightly audit verifies dates up to this many days old by the rows of their output; 0: none',
        ),
      sample_files: z
        .int()
        .min(0)
        .max(100_000)
        .default(300)
        .describe(
          "The audit also counts the lines of this many of yesterday's files, chosen at random: if none of 300 is short, under 1% of all are, with 95% confidence",
        ),
    })
    .prefault({}),
  records: z
    .strictObject({
      settled_days: days.default(90).describe('After how many days a settled record expires by its `ttl`'),
      status_index: z
        .string()
        .regex(/^[\w.-]{3,255}$/, 'allowed: an index name of 3 to 255 letters, digits, _, - and .')
        .default(FIELD_INDEX.records.status_index)
        .describe('The name of the index by status and date'),
    })
    .prefault({}),
  shards: z
    .strictObject({
      count: z
        .int()
        .min(0)
        .max(1_000)
        .default(FIELD_INDEX.shards.count)
        .describe('How many shards a status is spread over; 0: none'),
      suffix: z
        .string()
        .regex(/^#.*\{shard\}/s, 'allowed: a suffix that begins with # and contains {shard}')
        .default(FIELD_INDEX.shards.suffix)
        .describe(
          'The suffix of a stored status, from the # on, with the number of the shard. ' +
            'Other forms are learnt from the stream',
        ),
    })
    .prefault({}),
  builder: z
    .strictObject({
      max_files: z
        .int()
        .min(1)
        .default(10)
        .describe("MAX_FILES: the builder does not take today's files until this many are pending"),
      literal_uris: z
        .boolean()
        .default(true)
        .describe(
          'Whether jobs read the URIs of a manifest literally, so that a name that needed encoding fails',
        ),
      function_name: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe(
          "The builder's function, for `wake-builder.ts`; null: unknown (on this machine, the simulator's)",
        ),
    })
    .prefault({}),
  sender: z
    .strictObject({
      path: senderPath
        .nullable()
        .default(null)
        .describe(
          "Where a key has the name of the file's sender, below `input.prefix`: `{date}/{sender}/`, `{sender}/` or `{date}/{sender}_`; " +
            '`*` stands for any name, and anything may follow. Files are then also counted by sender, which takes 10% more write units in batches of 200, and up to 45% for single records; null: they are not',
        ),
    })
    .prefault({}),
  counters: z
    .strictObject({
      flow: z
        .boolean()
        .default(false)
        .describe(
          'Whether durations of steps and sizes of files are counted, for `stats.ts --durations` and the page (its views of dates); this takes up to a sixth more write units, and a read unit per move',
        ),
    })
    .prefault({}),
  arrivals: arrivalsProfile.prefault({}),
  limits: z
    .strictObject({
      pending_hours: hours.default(24).describe('How long a file may wait for a builder'),
      manifested_hours: hours.default(6).describe('How long a manifest may wait for its job'),
      processing_hours: hours.default(2).describe('How long a job may run'),
      grace_hours: hours
        .max(LONGEST_GRACE_HOURS)
        .default(0.25)
        .describe('Anything younger is still in progress; at most an hour'),
      learnt_factor: z
        .number()
        .min(1)
        .max(10)
        .default(2)
        .describe(
          'The learnt limit is the 99th percentile of the last four weeks times this factor; it is only shown: [Learnt limits](pipeline.md#learnt-limits)',
        ),
    })
    .prefault({}),
});
export type PipelineProfile = z.output<typeof pipelineProfile>;

/**
 * Reads a profile from JSON, as the variable `PIPELINE_PROFILE` has it: what it leaves out is as in the field.
 *
 * @throws Error naming what is wrong with the text, and what is allowed
 */
export function readProfile(text: string): PipelineProfile {
  const { data, error } = pipelineProfile.safeParse(parseJson(text));
  if (data) return data;
  throw new Error(
    `The profile of the pipeline (PIPELINE_PROFILE) cannot be used. ${z.prettifyError(error)}\ndocs/pipeline.md lists all settings.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
