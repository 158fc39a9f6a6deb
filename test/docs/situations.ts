import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { applyPlan } from '../../shared/changes/apply.ts';
import type { Change } from '../../shared/changes/change.ts';
import { listDates } from '../../shared/projection/dates.ts';
import { listDeadLetters } from '../../shared/projection/dead-letters.ts';
import { changeContext, changeRequest, planOf, scanRaw } from '../support/changes.ts';
import type { LocalAws } from '../support/local-aws.ts';
import type { FedSystem } from './local-system.ts';
import type { Troubles } from './troubles.ts';

type Records = Awaited<ReturnType<typeof scanRaw>>;

/** The situation that a section of the handbook is about, and how it should end. */
export interface Situation {
  /** The values of the words in capitals; ids that a command prints are taken from its output. */
  readonly words?: Readonly<Record<string, string>>;
  /** Whether the counts are wrong until after "Do". */
  readonly isMiscounted?: boolean;
  /** The records that "Do" changes, and their status after that; undefined for a record that is gone. */
  readonly done?: Readonly<Record<string, string | undefined>>;
  /** Those of them that "Undo" does not change back. */
  readonly kept?: readonly string[];
  /** What "Undo" restores; by default, the state before "Do". */
  readonly original?: Records;
  /** Checks what else should hold after "Do". */
  check?(): Promise<void>;
}

/** The simulated pipeline also has jobs that were throttled by chance; their files can be retried if they have plain names. */
function isThrottled([name, { status, error_message }]: [string, Records[string]]): boolean {
  const hasFailed = status?.S?.startsWith('failed') && /throttl/i.test(error_message?.S ?? '');
  return Boolean(hasFailed) && /^[\w.-]+$/.test(name);
}

type Arrange = (troubles: Troubles, fed: FedSystem) => Promise<Situation>;

/** By the headings of the handbook; a section that is not listed here needs no fault. */
export const SITUATIONS: Readonly<Record<string, Arrange>> = {
  'Counts look wrong': async ({ date, failed, miscounted }) => {
    const FILE = `${date}-counted.ndjson`;
    await failed(FILE, 'no JSON');
    await miscounted();
    return { words: { FILE }, isMiscounted: true };
  },

  'Dead letters wait': async ({ date, failed, refused }, { aws }) => {
    await failed(`${date}-refused.ndjson`, 'no JSON');
    const LETTER = await refused(date, `${date}-refused.ndjson`);
    const check = async () => {
      const store = { s3: aws.s3, bucket: aws.buckets.deadLetter };
      expect((await listDeadLetters(store).next()).done).toBe(true);
    };
    return { words: { LETTER }, isMiscounted: true, check };
  },

  'The stream was off for two days': async (troubles, { aws }) => {
    const { date, longAgo, failed, failedLongAgo, unseen, behind, unnoted } = troubles;
    await failed(`${date}-missed.ndjson`, 'no JSON');
    await failed(`${date}-behind.ndjson`, 'no JSON');
    await failedLongAgo(`${longAgo}-missed.ndjson`, 'no JSON');
    await unseen(date, `${date}-missed.ndjson`);
    await behind(date, `${date}-behind.ndjson`);
    await unseen(longAgo, `${longAgo}-missed.ndjson`);
    await unnoted(longAgo);
    const check = async () => {
      expect(await listDates({ docs: aws.documents, name: aws.projectionTable })).toContain(longAgo);
    };
    return { isMiscounted: true, check };
  },

  'An audit reports drift': async ({ date }) => ({ words: { DATE: date } }),

  'An audit failed': async ({ date }) => ({ words: { DATE: date } }),

  'Objects and records disagree': async ({ date, withoutInput }) => {
    const FILE = `${date}-gone.ndjson`;
    await withoutInput(FILE);
    return { words: { DATE: date, FILE }, done: { [FILE]: 'failed' } };
  },

  'Files stay manifested': async ({ date, abandoned, unnoticed, staleLock }) => {
    const [FILE, converted] = [`${date}-abandoned.ndjson`, `${date}-unnoticed.ndjson`];
    await abandoned(FILE);
    await unnoticed(converted);
    await staleLock();
    const done = { [FILE]: 'pending', [converted]: 'completed', LOCK: undefined };
    return { words: { FILE }, done, kept: [converted, 'LOCK'] };
  },

  'Completed files have no output': async ({ date, overwritten }) => {
    const FILE = `${date}-overwritten.ndjson`;
    await overwritten(FILE);
    return { words: { FILE }, done: { [FILE]: 'pending' } };
  },

  'Files are lost or doubled in the output': async ({ date, overwritten }) => {
    const FILE = `${date}-lost.ndjson`;
    await overwritten(FILE);
    return { words: { FILE, DATE: date } };
  },

  'Files failed': async ({ date, failed }, { aws }) => {
    const FILE = `${date}-throttled.ndjson`;
    await failed(FILE, 'ThrottlingException: slow down');
    await failed(`${date}-unreadable.ndjson`, 'no JSON');
    const throttled = Object.entries(await scanRaw(aws)).filter(isThrottled);
    return { words: { FILE }, done: Object.fromEntries(throttled.map(([name]) => [name, 'pending'])) };
  },

  'Healing stopped': async ({ date, abandoned }, { system }) => {
    const FILE = `${date}-healed.ndjson`;
    await abandoned(FILE);
    // A sweep relies on the counts: it finds the file once the consumer has counted it.
    await system.stream.idle();
    const { payload } = await system.sweep.invoke({});
    const { plan: PLAN } = (payload as { healing: { plan: string } }).healing;
    return { words: { PLAN }, done: { [FILE]: 'pending' } };
  },

  'Something is known and rings again': async ({ date, abandoned }) => {
    const FILE = `${date}-known.ndjson`;
    await abandoned(FILE);
    return { words: { FILE, DATE: date } };
  },

  'A reset hit the wrong files': async ({ date, abandoned }, { aws }) => {
    const files = [`${date}-wrong-1.ndjson`, `${date}-wrong-2.ndjson`] as const;
    for (const file of files) await abandoned(file);
    const { id: CHANGE } = await reset(aws, date, files, 'wrong');
    return {
      words: { CHANGE, FILE: files[0] },
      done: { [files[0]]: 'manifested', [files[1]]: 'manifested' },
    };
  },

  'A runbook was interrupted': async ({ date, abandoned }, { aws }) => {
    const files = [`${date}-cut-1.ndjson`, `${date}-cut-2.ndjson`] as const;
    for (const file of files) await abandoned(file);
    const original = await scanRaw(aws);
    const interrupt = new AbortController();
    const { id: CHANGE, state } = await reset(aws, date, files, 'cut', interrupt);
    expect(state).toBe('stopped');
    return { words: { CHANGE }, done: { [files[1]]: 'pending' }, original };
  },

  'The tracking table was there before': async ({ date, failed, unseen }) => {
    await failed(`${date}-older.ndjson`, 'no JSON');
    await unseen(date, `${date}-older.ndjson`);
    return { isMiscounted: true };
  },
};

/** Resets files as a person does, one after the other; an interrupt ends it after the first. */
async function reset(
  aws: LocalAws,
  date_prefix: string,
  files: readonly string[],
  name: string,
  interrupt?: AbortController,
): Promise<Change> {
  // Paced, so that the second file has not been started when the first one is done.
  const context = { ...changeContext(aws, Date.now()), sleep };
  const requests = files.map((file_key) => ({ date_prefix, file_key, new_status: 'pending' }));
  return applyPlan(context, await planOf(context, requests), changeRequest(`20261123T052253532Z-${name}`), {
    maxChanges: files.length,
    concurrency: 1,
    ratePerSecond: 5,
    signal: interrupt?.signal,
    onFile: () => interrupt?.abort(),
  });
}
