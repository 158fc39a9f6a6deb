/** @module-tag long */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type Door, openSlowDoor } from '../support/door.ts';
import { fieldFiles } from '../support/field-files.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const STUCK = 150;
const TIMEOUT_SECONDS = 60;
const MOST_ANSWERS = 12;

let aws: LocalAws;

/** Files whose jobs never came to an end, each of a manifest of its own, and as many objects without a record. */
beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, Date.now() - 30 * HOUR);
  for (let i = 0; i < STUCK; i++) {
    const name = `stuck-${String(i).padStart(3, '0')}.ndjson`;
    await files.input(name);
    await files.input(`unrecorded-${name}`);
    const manifest_path = await files.manifest(`batch-${i}.json`, [name], { status: 'pending' });
    await files.record(name, { status: 'manifested#3', manifest_path });
  }
});

type Answer = Readonly<Record<string, unknown>> & { readonly next_token?: string };

describe.concurrent.each([400, 1_500])('with S3 taking %i ms for each request', (millis) => {
  let door: Door;
  beforeAll(async () => {
    door = await openSlowDoor(String(aws.environment.AWS_ENDPOINT_URL_S3), millis);
  });
  afterAll(() => door.stop());

  /** Asks until there is no token; each answer has to come before Lambda would end the function. */
  async function askAll(request: object): Promise<Answer[]> {
    const fn = startLambdaFunction({
      name: 'operations',
      handlerFile: bundledHandler('operations'),
      environment: { ...aws.environment, AWS_ENDPOINT_URL_S3: door.url },
      timeoutSeconds: TIMEOUT_SECONDS,
      onOutput: () => undefined,
    });
    const answers: Answer[] = [];
    try {
      for (let next_token: string | undefined; answers.length < MOST_ANSWERS; ) {
        const { payload, functionError } = await fn.invoke({ ...request, ...(next_token && { next_token }) });
        if (functionError) throw new Error(JSON.stringify(payload));
        const answer = payload as Answer;
        answers.push(answer);
        next_token = answer.next_token;
        if (!next_token) break;
      }
      return answers;
    } finally {
      await fn.stop();
    }
  }

  const sum = (answers: readonly Answer[], of: string) =>
    answers.reduce((total, answer) => total + Number(answer[of]), 0);

  test('orphans are all found, a part with each answer', async () => {
    const answers = await askAll({ operation: 'find_orphans', kinds: ['stuck_in_manifested'] });
    expect(answers.at(-1)?.next_token).toBeUndefined();
    expect(sum(answers, 'total_orphans')).toBe(STUCK);
  });

  test('a date is compared to its end', async () => {
    const request = { operation: 'validate_consistency', date_prefix: DATE, grace_minutes: 0 };
    const answers = await askAll(request);
    expect(answers.at(-1)).toMatchObject({ complete: true, issues_found: STUCK });
    const issues = answers.flatMap((answer) => answer.issues as object[]);
    expect(issues).toHaveLength(STUCK);
  });

  test('what would be reset is all told', async () => {
    const request = { operation: 'reset_stuck_files', status: 'manifested', max_processing_hours: 2 };
    const answers = await askAll(request);
    expect(answers.at(-1)?.next_token).toBeUndefined();
    expect(sum(answers, 'stuck_files_found')).toBe(STUCK);
  });
});
