import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import {
  auditOf,
  CHANGED_AT,
  changeContext,
  changeRequest,
  DATE,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

const ENDED = '2026-11-23T01:40:00.123Z';
const AT = new Date(CHANGED_AT).toISOString();
const RUN = 'jr_0123';
/** As a number of seconds since the epoch. */
const SECONDS = { N: '1795405200' };

const MANIFESTS = [
  manifest('done.json', {
    status: { S: 'completed' },
    completed_time: { S: ENDED },
    glue_job_run_id: { S: RUN },
  }),
  manifest('numeric.json', { status: { S: 'completed' }, completed_time: SECONDS }),
  manifest('timeless.json', { status: { S: 'completed' }, completed_time: { S: 'soon' } }),
  manifest('running.json', {
    status: { S: 'processing' },
    completed_time: { S: ENDED },
    glue_job_run_id: { S: RUN },
  }),
];
const FILES = [
  waiting('uri.ndjson', 's3://manifests/manifests/2026-11-23/done.json'),
  waiting('key.ndjson', 'manifests/2026-11-23/done.json'),
  waiting('numeric.ndjson', 's3://manifests/numeric.json'),
  waiting('timeless.ndjson', 's3://manifests/timeless.json'),
  waiting('running.ndjson', 's3://manifests/running.json'),
  waiting('unknown.ndjson', 's3://manifests/none.json'),
  waiting('long.ndjson', `s3://manifests/${'m'.repeat(1_024)}`),
  waiting('placeholder.ndjson', 'pending-manifest-2026-11-23-1-1795411374'),
];

let aws: LocalAws;
let context: ChangeDeps;

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
});

beforeEach(() => putRaw(aws, [...FILES, ...MANIFESTS, UNTOUCHED]));

function manifest(name: string, attributes: Record<string, AttributeValue>) {
  return rawFile(`MANIFEST#${name}`, attributes);
}

function waiting(name: string, manifest_path: string) {
  return rawFile(name, { status: { S: 'manifested#3' }, manifest_path: { S: manifest_path } });
}

const advance = (file_key: string) => ({ date_prefix: DATE, file_key, new_status: 'completed' });

test("a file is completed with the time and job run of its manifest's record, as far as that has them", async () => {
  const requests = FILES.map(({ file_key }) => advance(file_key?.S ?? ''));
  await applyPlan(context, await planOf(context, requests), changeRequest('advance'), { maxChanges: 10 });
  const records = await scanRaw(aws);
  for (const name of ['uri.ndjson', 'key.ndjson']) {
    expect(records[name]).toMatchObject({
      status: { S: 'completed#3' },
      completed_time: { S: ENDED },
      glue_job_run_id: { S: RUN },
      updated_at: { S: AT },
    });
  }
  expect(records['numeric.ndjson']).toMatchObject({ completed_time: SECONDS });
  for (const name of ['timeless', 'running', 'unknown', 'long', 'placeholder']) {
    expect(records[`${name}.ndjson`]).toMatchObject({ completed_time: { S: AT } });
    expect(records[`${name}.ndjson`]).not.toHaveProperty('glue_job_run_id');
  }
  expect((await auditOf(context, 'advance'))['uri.ndjson']).toMatchObject({
    after: { completed_time: { S: ENDED }, glue_job_run_id: { S: RUN } },
  });
  for (const record of [...MANIFESTS, UNTOUCHED]) expect(records[record.file_key?.S ?? '']).toEqual(record);

  const later = changeContext(aws, CHANGED_AT + 3_600_000);
  await undoChange(later, 'advance', changeRequest('undone'), { maxChanges: 10 });
  const all = [...FILES, ...MANIFESTS, UNTOUCHED];
  expect(unmarked(await scanRaw(aws))).toEqual(Object.fromEntries(all.map((r) => [r.file_key?.S, r])));
});

test('what the operator gives takes precedence, and another status takes none of it', async () => {
  const given = { ...advance('uri.ndjson'), additional_fields: { glue_job_run_id: 'jr_mine' } };
  const failing = { ...advance('key.ndjson'), new_status: 'failed' };
  const plan = await planOf(context, [given, failing]);
  await applyPlan(context, plan, changeRequest('given'), { maxChanges: 2 });
  const records = await scanRaw(aws);
  expect(records['uri.ndjson']).toMatchObject({
    completed_time: { S: ENDED },
    glue_job_run_id: { S: 'jr_mine' },
  });
  expect(records['key.ndjson']).not.toHaveProperty('completed_time');
  expect(records['key.ndjson']).not.toHaveProperty('glue_job_run_id');
});

test('a dry run shows the same', async () => {
  const answer = await ask(operationDeps(aws, CHANGED_AT), {
    operation: 'update_state',
    ...advance('uri.ndjson'),
    dry_run: true,
  });
  expect(answer).toMatchObject({ updated_item: { completed_time: ENDED, glue_job_run_id: RUN } });
});
