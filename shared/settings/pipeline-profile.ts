import * as z from 'zod';
import { arrivalsProfile } from './arrivals-profile.ts';
import { FIELD_INDEX, FIELD_INPUT_PREFIX } from './index-profile.ts';

const prefix = z
  .string()
  .regex(/^(?!\/)(.*\/)?$/s, 'a prefix is empty or ends with a slash, and begins with none');
// One name, and at most three places that hold anything: a path is compared with every name that comes.
const senderPath = z
  .string()
  .max(100)
  .regex(
    /^(?!(?:[^*]*\*){4})(?:[^{}*]|\{date\}|\*(?!\*))*\{sender\}[^{}*](?:[^{}*]|\{date\}|\*(?!\*))*$/s,
    'the path has {sender} once and a sign after it; besides {date}, and * three times at most',
  );
/** The longest grace that is allowed: the check of completed files relies on it. */
export const LONGEST_GRACE_HOURS = 1;

const days = z.number().positive();
const hours = z.number().positive();

/**
 * What one pipeline is like: where it puts things, how it spells them, and when they are gone. The defaults are
 * those of the pipeline in the field; `pipeline` in `settings.ENV.json` has what differs.
 */
export const pipelineProfile = z.strictObject({
  input: z
    .strictObject({
      prefix: prefix
        .default(FIELD_INPUT_PREFIX)
        .describe('S3 tells the pipeline of objects under it, and of no others'),
      suffix: z
        .string()
        .default('.ndjson')
        .describe('and only of those whose key ends with it, byte for byte'),
      expire_days: days
        .nullable()
        .default(7)
        .describe('A lifecycle rule removes inputs after so many days; null: never'),
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
        .describe('Manifests are removed after so many days; null: never'),
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
        .describe('Reports are removed after so many days; null: never'),
    })
    .prefault({}),
  outputs: z
    .strictObject({
      prefixes: z
        .array(prefix)
        .min(1)
        .default(['', 'pipeline/output/', 'parquet/'])
        .describe(
          'Where the folder of a date may lie in the output bucket; all are looked at. Empty: its root',
        ),
      folder: z
        .string()
        .regex(/\{date\}.*\/$/s, 'the folder holds {date} and ends with a slash')
        .default('merged-parquet-{date}/')
        .describe('The folder that all jobs of a date write to'),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      prefix: prefix
        .default('')
        .describe("What stands before the object's own key in the quarantine bucket; empty: nothing"),
      expire_days: days.nullable().default(30).describe('Copies are removed after so many days; null: never'),
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
          'The nightly audit verifies dates up to so many days old by the rows of their output; 0: none',
        ),
      sample_files: z
        .int()
        .min(0)
        .max(100_000)
        .default(300)
        .describe(
          "Of so many of yesterday's files, chosen at random, it counts the lines, too: when none of 300 is short, under 1 % of all are, with 95 % confidence",
        ),
    })
    .prefault({}),
  records: z
    .strictObject({
      settled_days: days.default(90).describe('After how many days the `ttl` of a settled record is over'),
      status_index: z
        .string()
        .regex(/^[\w.-]{3,255}$/, 'the name of an index has 3 to 255 letters, digits, _, - and .')
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
        .regex(/^#.*\{shard\}/s, 'the suffix begins with # and holds {shard}')
        .default(FIELD_INDEX.shards.suffix)
        .describe(
          'What a stored status has after its name, from the # on, with the number of the shard. ' +
            'Other forms are learnt when they are seen',
        ),
    })
    .prefault({}),
  builder: z
    .strictObject({
      max_files: z
        .int()
        .min(1)
        .default(10)
        .describe("MAX_FILES: the builder leaves today's files alone until so many are pending"),
      literal_uris: z
        .boolean()
        .default(true)
        .describe(
          'Whether jobs read the URIs of a manifest as they stand, so that a name that needed encoding fails',
        ),
      function_name: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe(
          "The builder's function, for `wake-builder.ts`; null: not known, on this machine the simulator's",
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
            '`*` is any name, and what follows is free. Files are then counted by sender, too, for 10 % more write units in batches of 200 to 45 % for single records; null: they are not',
        ),
    })
    .prefault({}),
  counters: z
    .strictObject({
      flow: z
        .boolean()
        .default(false)
        .describe(
          'Whether durations of steps and sizes of files are counted, for `stats.ts --durations` and the page (its views of dates); up to a sixth more write units, and a read unit for each move',
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
        .describe('What is younger is still under way; not more than an hour'),
    })
    .prefault({}),
});
export type PipelineProfile = z.output<typeof pipelineProfile>;

/**
 * Reads a profile from JSON, as the variable `PIPELINE_PROFILE` has it: what it leaves out is as in the field.
 *
 * @throws Error naming what is wrong with the text, and what would be right
 */
export function readProfile(text: string): PipelineProfile {
  const { data, error } = pipelineProfile.safeParse(parseJson(text));
  if (data) return data;
  throw new Error(
    `The profile of the pipeline (PIPELINE_PROFILE) cannot be used. ${z.prettifyError(error)}\ndocs/pipeline.md says what it may hold.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
