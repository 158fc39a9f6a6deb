/** @module-tag search */
import { beforeAll, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import type { Plan } from '../../../shared/changes/plan.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import type { RawAttributes } from '../../../shared/pipeline/tracking-table.ts';
import { Refused } from '../../../shared/text/refused.ts';
import { isoTime } from '../../../shared/text/time.ts';
import {
  auditOf,
  CHANGED_AT,
  changeContext,
  changeRequest,
  dyingClient,
  FIELD_FILES,
  keyOf,
  planOf,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { isLongSearch } from '../../support/search.ts';

type Records = Readonly<Record<string, RawAttributes>>;

let aws: LocalAws;
let context: ChangeDeps;
/** Whoever goes on after a kill does so a day later. */
let later: ChangeDeps;
let original: Records;
let changed: Records;
let plan: Plan;
const allowed = { maxChanges: 10 };
const DAY = 86_400_000;

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
  later = changeContext(aws, CHANGED_AT + DAY);
  await startAnew();
  original = await scanRaw(aws);
  plan = await planReset(context);
  await applyPlan(context, plan, changeRequest('uncut'), allowed);
  changed = await scanRaw(aws);
});

const startAnew = (): Promise<void> => putRaw(aws, [...FIELD_FILES, UNTOUCHED]);

/**
 * Whether the write at which a process is killed reached the table. When it did, the table is as if killed before
 * the next write; only what is under way at the same time may differ, and only a long search tries both.
 */
const fatesOf = (write: number) => (isLongSearch || write === 1 ? [false, true] : [true]);

/**
 * Runs something again and again, killed at its first write, its second, and so on until none kills it.
 *
 * @param goOn what follows on the death, told how many writes reached the table
 * @returns how many writes there are to be killed at
 */
async function killAtEveryWrite(
  name: string,
  run: (dying: ChangeDeps, id: string) => Promise<unknown>,
  goOn: (id: string, written: number) => Promise<void>,
  prepare: (id: string) => Promise<unknown> = startAnew,
): Promise<number> {
  for (let last = 1; ; last++) {
    for (const isWritten of fatesOf(last)) {
      const id = `${name}-${last}-${isWritten}`;
      await prepare(id);
      const { client, isDead } = await dyingClient(aws, last, isWritten);
      await run(changeContext(aws, context.now, client), id).catch(() => undefined);
      if (!isDead()) return last - 1;
      await goOn(id, isWritten ? last : last - 1);
    }
  }
}

const reset = (dying: ChangeDeps, id: string) => applyPlan(dying, plan, changeRequest(id), allowed);
const undo = (id: string, by: ChangeDeps = later) => undoChange(by, id, changeRequest(`undo-${id}`), allowed);

/** The first write is the change, then its files' audit, one step, each file and its result, what other tools are told, and the end. */
const WRITES_OF_A_CHANGE = 1 + 4 + 1 + 2 * 4 + 1 + 1;
const WRITES_OF_AN_AUDIT = 1 + 4 + 1;

function outcomeAfter(written: number): string {
  if (written === 0) return 'CHANGE_NOT_FOUND';
  return written < WRITES_OF_AN_AUDIT ? 'PLAN_NEEDED' : 'done';
}

test('a change killed at any write is finished with the same id, and nothing is applied twice', async () => {
  const writes = await killAtEveryWrite('finish', reset, async (id) => {
    const touched = namesOfDifferent(await scanRaw(aws), original);
    expect(Object.keys(await auditOf(context, id))).toEqual(expect.arrayContaining(touched));
    const done = await applyPlan(later, plan, changeRequest(id), allowed);
    expect(done).toMatchObject({ state: 'done', counts: { applied: 4, skipped: 0, failed: 0 } });
    const records = await scanRaw(aws);
    expect(untimed(records)).toEqual(untimed(changed));
    for (const [name, { after, result }] of Object.entries(await auditOf(context, id))) {
      const { updated_at, state_change_time } = records[name] ?? {};
      expect({ after, result }).toMatchObject({
        after: { updated_at, state_change_time },
        result: { kind: 'applied', at: state_change_time?.S },
      });
      const isEarlier = touched.includes(name);
      expect(state_change_time).toEqual({ S: isoTime(isEarlier ? CHANGED_AT : CHANGED_AT + DAY) });
    }
  });
  expect(writes).toBe(WRITES_OF_A_CHANGE);
});

test('once its audit is complete, a killed change is finished without its plan', async () => {
  await killAtEveryWrite('planless', reset, async (id, written) => {
    const resumed = resumeChange(later, id, changeRequest(id).actor, {});
    const outcome = await resumed.then(({ state }) => state, codeOf);
    expect({ written, outcome }).toEqual({ written, outcome: outcomeAfter(written) });
    const expected = outcome === 'done' ? changed : original;
    expect(untimed(await scanRaw(aws))).toEqual(untimed(expected));
  });
});

test('a change killed at any write is undone, and leaves every record as it was', async () => {
  await killAtEveryWrite('undo', reset, async (id) => {
    const state = await undo(id).then((change) => change.state, codeOf);
    expect(unmarked(await scanRaw(aws))).toEqual(original);
    if (state !== 'done') {
      expect(['CHANGE_NOT_FOUND', 'NOTHING_TO_UNDO']).toContain(state);
      return;
    }
    const closed = await resumeChange(context, id, changeRequest(id).actor, {}).then(
      ({ state: s }) => s,
      codeOf,
    );
    expect(['CHANGE_CLOSED', 'done']).toContain(closed);
    expect(unmarked(await scanRaw(aws))).toEqual(original);
  });
});

test('an undo killed at any write is finished, with or without its id, and can be undone', {
  tags: ['long'],
}, async () => {
  const begin = async (id: string) => {
    await startAnew();
    await reset(context, id);
  };
  const writes = await killAtEveryWrite(
    'redo',
    (dying, id) => undo(id, dying),
    async (id) => {
      const again = await undo(id);
      expect(again).toMatchObject({ state: 'done', undoes: id, counts: { applied: 4 } });
      expect(unmarked(await scanRaw(aws))).toEqual(original);
      const redone = await undo(`undo-${id}`);
      expect(redone).toMatchObject({ state: 'done', counts: { applied: 4 } });
      expect(unmarked(await scanRaw(aws))).toEqual(unmarked(changed));
    },
    begin,
  );
  expect(writes).toBe(WRITES_OF_A_CHANGE);
});

test('a killed undo is resumed by its id alone, from whatever it had prepared', {
  tags: ['long'],
}, async () => {
  const begin = async (id: string) => {
    await startAnew();
    await reset(context, id);
  };
  await killAtEveryWrite(
    'resumed-undo',
    (dying, id) => undo(id, dying),
    async (id) => {
      const state = await resumeChange(later, `undo-${id}`, changeRequest(id).actor, {}).then(
        (c) => c.state,
        codeOf,
      );
      const expected = state === 'done' ? original : unmarked(changed);
      expect(['done', 'CHANGE_NOT_FOUND']).toContain(state);
      expect(unmarked(await scanRaw(aws))).toEqual(expected);
    },
    begin,
  );
});

test('a file that was written before the kill counts as applied, whatever was done to it since', async () => {
  await startAnew();
  // The first file is written, and its result is not noted.
  const { client } = await dyingClient(aws, 7, true);
  const oneByOne = { ...allowed, concurrency: 1 };
  await applyPlan(changeContext(aws, context.now, client), plan, changeRequest('covered'), oneByOne).catch(
    () => undefined,
  );
  const written = Object.values(await scanRaw(aws)).find((record) => record.state_change_id?.S === 'covered');
  expect(written).toBeDefined();
  const other = await otherChange(written ?? {});
  const done = await applyPlan(later, plan, changeRequest('covered'), allowed);
  expect(done).toMatchObject({ state: 'done', counts: { applied: 4, skipped: 0 } });
  const record = (await scanRaw(aws))[written?.file_key?.S ?? ''];
  expect(record).toMatchObject({
    state_change_id: { S: other },
    status: { S: expect.stringMatching(/^manifested/) },
  });
});

/** Another operator's change of a file that this one has just reset. */
async function otherChange(record: RawAttributes): Promise<string> {
  const requests = [{ ...keyOf(record), new_status: 'manifested' }];
  await applyPlan(context, await planOf(context, requests), changeRequest('other'), allowed);
  return 'other';
}

/** Records without the marks of a change, and with what they say about its time only if it is another one. */
function untimed(records: Records): Records {
  const plain = Object.entries(unmarked(records)).map(([name, { updated_at, ...rest }]) => {
    const isOfChange = updated_at?.S !== undefined && updated_at.S === records[name]?.state_change_time?.S;
    return [name, { ...rest, updated_at: isOfChange ? { S: 'time of the write' } : updated_at }] as const;
  });
  return Object.fromEntries(plain) as Records;
}

function namesOfDifferent(records: Records, others: Records): string[] {
  return Object.keys(records).filter(
    (name) => JSON.stringify(records[name]) !== JSON.stringify(others[name]),
  );
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  throw error;
}
