import { expect, test } from 'vitest';
import { makePlan, newPlanHeader, type PlanEntry } from '../../../shared/changes/plan.ts';
import { planLines, readPlan } from '../../../shared/changes/saved-plan.ts';

const now = Date.parse('2026-11-23T06:00:00Z');
const target = { table: 'tracking', table_arn: 'arn:aws:dynamodb:eu-central-1:1:table/tracking' };
const header = newPlanHeader(target, 'reset_stuck_files', now);
const entries: PlanEntry[] = [
  {
    date_prefix: '2026-11-23',
    file_key: 'with+space.ndjson',
    expected: {
      status: 'processing#3',
      attributes: { status: 'S:processing#3', updated_at: 'S:2026-11-23T01:10:00.532494+00:00' },
    },
    new_status: 'pending',
    why: 'processing for 4.83 hours',
  },
  {
    date_prefix: '2026-11-23',
    file_key: 'done.ndjson',
    expected: { status: 'completed', attributes: { status: 'S:completed' } },
    new_status: 'pending',
    additional_fields: { note: { rows: [1, null] } },
    forced: true,
    why: 'requested by name',
  },
];

async function linesOf(given: readonly PlanEntry[] = entries): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of planLines(header, given)) lines.push(line.trimEnd());
  return lines;
}

async function* asStream(lines: readonly string[]): AsyncGenerator<string, void> {
  yield* lines;
}

const read = (lines: readonly string[], options = {}) =>
  readPlan(() => asStream(lines), { target, now: now + 90 * 60_000, ...options });

/** A saved plan of which one line was replaced by hand. */
async function edited(line: number, replace: (text: string) => string): Promise<string[]> {
  return (await linesOf()).map((text, i) => (i === line ? replace(text) : text));
}

test('a plan comes back from a file as it was made, with its age', async () => {
  const plan = await read(await linesOf());
  const { files, digest } = makePlan(header, entries);
  expect(plan).toMatchObject({ header, files, digest, ageHours: 1.5 });
  for (const _ of [1, 2]) {
    const again: PlanEntry[] = [];
    for await (const entry of plan.entries()) again.push(entry);
    expect(again).toEqual(entries);
  }
});

test('a plan of a few files is read once', async () => {
  const lines = await linesOf();
  let reads = 0;
  const readLines = () => {
    reads += 1;
    return asStream(lines);
  };
  const plan = await readPlan(readLines, { target, now });
  const shown: PlanEntry[] = [];
  for await (const entry of plan.entries(1)) shown.push(entry);
  expect(shown).toEqual(entries.slice(1));
  expect(reads).toBe(1);
});

test('a long plan that is replaced while it is read is refused', async () => {
  const named = (file_key: string) => entries.slice(1).map((entry) => ({ ...entry, file_key }));
  const many = Array.from({ length: 1_001 }, (_, i) => named(`${i}.ndjson`)).flat();
  const replaced = [...named('other.ndjson'), ...many.slice(1)];
  const lines = await Promise.all([many, many, replaced].map((version) => linesOf(version)));
  const plan = await readPlan(() => asStream(lines.shift() ?? []), { target, now });
  let seen = 0;
  for await (const _ of plan.entries(1_000)) seen += 1;
  expect(seen).toBe(1);
  await expect(async () => {
    for await (const _ of plan.entries()) seen += 1;
  }).rejects.toMatchObject({ code: 'OTHER_PLAN' });
  // None of its entries was passed on, to be stored for a change of the right plan.
  expect(seen).toBe(1);
});

test('lines may be removed if the number of files is corrected', async () => {
  const [first = '', , second = '', end = ''] = await linesOf();
  await expect(read([first, second, end])).rejects.toMatchObject({
    code: 'INVALID_PLAN',
    message: 'Line 3 of the plan: it announces 2 files, but the plan has 1.',
  });
  expect(await read([first, second, '{"files":1}'])).toMatchObject({ files: 1 });
});

test('a plan for another table is refused, and one for a table of the same name elsewhere', async () => {
  const lines = await linesOf();
  const other = { target: { table: 'tracking-prod' } };
  await expect(read(lines, other)).rejects.toMatchObject({ code: 'OTHER_TABLE' });
  const elsewhere = { target: { ...target, table_arn: 'arn:aws:dynamodb:eu-central-1:2:table/tracking' } };
  await expect(read(lines, elsewhere)).rejects.toMatchObject({
    code: 'OTHER_TABLE',
    message:
      'The plan was made for table arn:aws:dynamodb:eu-central-1:1:table/tracking, but the target is arn:aws:dynamodb:eu-central-1:2:table/tracking.',
  });
  expect(await read(lines, { target: { table: 'tracking' } })).toMatchObject({ files: 2 });
});

test.each([
  [1, 'an older'],
  [3, 'a newer'],
])('a plan of version %i is refused as made by %s version', async (version, age) => {
  const lines = await edited(0, (text) => text.replace('"version":2', `"version":${version},"more":true`));
  await expect(read(lines)).rejects.toMatchObject({
    code: 'OTHER_VERSION',
    message: expect.stringContaining(`${age} version`),
  });
});

test('a plan older than allowed is refused, and one from the future as well', async () => {
  const lines = await linesOf();
  expect(await read(lines, { maxAgeHours: 2 })).toMatchObject({ files: 2 });
  await expect(read(lines, { maxAgeHours: 1 })).rejects.toMatchObject({
    code: 'STALE_PLAN',
    message: expect.stringMatching(/^The plan was made at \S+Z, 1h 30m ago; the limit is 1h\.$/),
  });
  await expect(read(lines, { now: now + 15_000, maxAgeHours: 0.003 })).rejects.toMatchObject({
    code: 'STALE_PLAN',
  });
  await expect(read(lines, { now: now - 3_600_000 })).rejects.toMatchObject({ code: 'INVALID_PLAN' });
  expect(await read(lines, { now: now - 60_000 })).toMatchObject({ ageHours: 0 });
});

test.each([
  ['a transition that is not usual', 2, '"forced":true,', '', 'is not an allowed transition'],
  ['a status with a suffix', 1, '"pending"', '"pending#3"', 'without shard suffix'],
  ['a status that is no transition', 1, '"pending"', '"processing"', 'it changes nothing'],
  ['a protected attribute', 2, '"note"', '"status"', '"status" is protected'],
  ['a mark of changes', 2, '"note"', '"state_change_id"', '"state_change_id" is protected'],
  ['a meta record', 1, 'with+space.ndjson', 'MANIFEST#batch-0001.json', 'meta record'],
  ['a missing field', 1, '"new_status":"pending",', '', 'new_status'],
  ['an invented field', 1, '"why"', '"also":1,"why"', 'also'],
  ['a broken line', 1, '{', '', 'it is not JSON'],
  ['a header that is none', 0, 'state-manager-plan', 'shopping-list', 'format'],
])('%s is refused with its line', async (_name, line, from, to, problem) => {
  const lines = await edited(line, (text) => text.replace(from, to));
  await expect(read(lines)).rejects.toMatchObject({
    code: 'INVALID_PLAN',
    message: expect.stringMatching(new RegExp(`^Line ${line + 1} of the plan: [^]*${problem}`)),
    hint: expect.stringContaining('Save the plan again'),
  });
});

test('a plan that was cut off, continued or is empty is refused', async () => {
  const lines = await linesOf();
  await expect(read(lines.slice(0, 2))).rejects.toThrow('the plan ends here');
  await expect(read([])).rejects.toThrow('the plan ends here');
  await expect(read([...lines, ...lines])).rejects.toThrow('follows the end of the plan');
  expect(await read([...lines, ''])).toMatchObject({ files: 2 });
});
