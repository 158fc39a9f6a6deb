import type { DynamoDBRecord } from 'aws-lambda';
import { streamedTable, uploaded } from '../support/stream-records.ts';

// A fixture was recorded of exactly this history: a change here makes the recorded ones useless.

const BEGIN = Date.parse('2026-11-23T05:00:00Z');
const STEP_MILLIS = 40 * 60_000;
// Its width grows within the history.
const FIRST_NUMBER = 999_999_999_999_999_999_900n;
const FILES = 48;
const STEPS = 8;
const DATES = ['2026-11-22', '2026-11-23', '2026-11-31'];
const ERRORS = [
  'An error occurred while calling o107.json. Path does not exist: s3://etl-input/pipeline/input/a.ndjson',
  'Max concurrent runs exceeded for job merge-2026 (Service: AWSGlue; Status Code: 400; Request ID: 1a2b)',
  'Job timed out after 2880 minutes',
  { odd: ['not', 'a', 'text'] },
];

type Fields = Readonly<Record<string, unknown>>;

/** What is written of a file at each step of its life; undefined: it is removed. One life is like every eighth. */
const LIVES: readonly (readonly (Fields | 'removed')[])[] = [
  ['manifested', 'processing', 'completed'].map(statusAt),
  ['manifested', 'processing'].map(statusAt).concat([failed(0)]),
  [statusAt('manifested'), failed(1), statusAt('pending'), statusAt('manifested'), failed(2)],
  [statusAt('quarantined')],
  [statusAt('manifested'), statusAt('processing')],
  [statusAt('archived')],
  ['manifested', 'pending', 'manifested', 'pending', 'manifested', 'completed'].map(statusAt),
  [statusAt('manifested'), failed(3), 'removed'],
].map((life) => life as readonly (Fields | 'removed')[]);

/** The stream of three dates with files and manifests of every kind of life, in batches; the same at each call. */
export function recordedHistory(): DynamoDBRecord[][] {
  const items = new Map<string, Fields>();
  const batches: DynamoDBRecord[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const first = FIRST_NUMBER + BigInt(step * FILES);
    const table = streamedTable({ items, first, createdSeconds: (BEGIN + step * STEP_MILLIS) / 1_000 });
    const records = Array.from({ length: FILES }, (_, file) => recordAt(table, file, step));
    const both = records.flatMap((record) => (record ? [record] : []));
    // Two batches of a step: whoever consumes beside another has one of them.
    batches.push(
      both.filter((_, i) => i % 2 === 0),
      both.filter((_, i) => i % 2 === 1),
    );
  }
  return batches.filter((batch) => batch.length > 0);
}

/** When a batch is consumed, milliseconds since the epoch. */
export function consumedAt(batch: number): number {
  return BEGIN + (batch + 2) * (STEP_MILLIS / 2);
}

function recordAt(table: ReturnType<typeof streamedTable>, file: number, step: number) {
  const date = DATES[file % DATES.length];
  const name = file % 12 === 11 ? `MANIFEST#batch-${file}.json` : `customer-${file % 5}/${file}.ndjson`;
  const at = new Date(BEGIN + step * STEP_MILLIS - file * 1_000).toISOString();
  if (step === 0) {
    const suffix = file === 7 ? 'pending#eu' : `pending#${file % 10}`;
    return table.write(name, { ...uploaded(), status: suffix, created_at: at }, date);
  }
  const fields = LIVES[file % LIVES.length]?.[step - 1];
  if (fields === 'removed') return table.remove(name, date);
  return fields && table.write(name, { ...fields, updated_at: at }, date);
}

function statusAt(status: string): Fields {
  return { status: `${status}#3`, error_message: undefined };
}

function failed(error: number): Fields {
  return { status: 'failed#3', error_message: ERRORS[error] };
}
