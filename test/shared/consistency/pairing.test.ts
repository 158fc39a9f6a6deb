/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ListedObject,
  type PairedPage,
  type PairingSources,
  pairPage,
  type TrackedFile,
} from '../../../shared/consistency/pairing.ts';
import { eventSpelling, realName } from '../../../shared/pipeline/names.ts';
import { compareBytes } from '../../../shared/text/byte-order.ts';
import { search } from '../../support/search.ts';
import { UNUSUAL_NAMES } from '../../support/unusual-names.ts';

const FOLDER = 'pipeline/input/2026-11-23/';
const HOUR = 3_600_000;
const RULES = { inputBucket: 'in', readsOf: () => 1 };

function object(name: string, fields: Partial<ListedObject> & { folder?: string } = {}): ListedObject {
  const { folder = FOLDER, ...rest } = fields;
  return { name, location: { bucket: 'in', key: folder + name }, modified: 0, place: 'input', ...rest };
}

function file(
  file_key: string,
  fields: Partial<TrackedFile> & { path?: string | undefined } = {},
): TrackedFile {
  const { path = `s3://in/${FOLDER}${file_key}`, ...rest } = fields;
  return { file_key, record: { file_key, path }, ...rest };
}

/** A file that settled at `HOUR`, and whose object is expected to expire. */
function settled(file_key: string): TrackedFile {
  const path = `s3://in/${FOLDER}${file_key}`;
  return { file_key, record: { file_key, path, takenAt: HOUR, mayBeAlone: true } };
}

/** Sources in memory that begin after a key, as those of S3 and DynamoDB do. */
function sources(objects: readonly ListedObject[], files: readonly TrackedFile[]): PairingSources {
  async function* from<T>(items: readonly T[], keyOf: (item: T) => string, after: string) {
    const later = items.filter((item) => after === '' || compareBytes(keyOf(item), after) > 0);
    yield* later.sort((a, b) => compareBytes(keyOf(a), keyOf(b)));
  }
  return {
    objects: (after) => from(objects, ({ name }) => name, after),
    tracked: (after) => from(files, ({ file_key }) => file_key, after),
  };
}

async function pairAll(from: PairingSources, most: number): Promise<PairedPage[]> {
  const slices: PairedPage[] = [];
  for (let after: string | undefined = ''; after !== undefined; after = slices.at(-1)?.next) {
    slices.push(await pairPage(from, after, { keys: most, waiting: 1_000 }, RULES));
  }
  return slices;
}

const pair = async (objects: readonly ListedObject[], files: readonly TrackedFile[]) => {
  const [slice] = await pairAll(sources(objects, files), 1_000);
  const unpaired = slice?.unpaired ?? [];
  return {
    objects: unpaired.flatMap((group) => group.objects.map(({ location }) => location.key)),
    records: unpaired.flatMap((group) => group.records.map(({ file_key }) => file_key)),
  };
};
const NOTHING = { objects: [], records: [] };

test('objects and records of unusual names pair, also among each other', async () => {
  const objects = UNUSUAL_NAMES.map((name) => object(name));
  const files = UNUSUAL_NAMES.map((name) => file(eventSpelling(name)));
  expect(await pair(objects, files)).toEqual(NOTHING);
});

test('two files, one of which is named as the other is spelled, are not confused', async () => {
  const names = ['a b', 'a+b', 'a%2Bb', '100%.ndjson', '100%25.ndjson', 'b (1)', 'b%281%29'];
  const objects = names.map((name) => object(name));
  expect(
    await pair(
      objects,
      names.map((name) => file(eventSpelling(name))),
    ),
  ).toEqual(NOTHING);
  expect(await pair([object('a+b')], [file('a+b')])).toEqual({ objects: [`${FOLDER}a+b`], records: ['a+b'] });
});

test('whatever the names, exactly what has a partner pairs', async () => {
  const names = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).filter(isName));
  await search(
    fc.asyncProperty(names, names, async (inS3, inTable) => {
      const both = new Set(inS3.filter((name) => inTable.includes(name)));
      const left = await pair(
        inS3.map((name) => object(name)),
        inTable.map((name) => file(eventSpelling(name))),
      );
      const without = (list: readonly string[]) => list.filter((name) => !both.has(name)).sort();
      expect(left.objects.map((key) => key.slice(FOLDER.length)).sort()).toEqual(without(inS3));
      expect(left.records.map(realName).sort()).toEqual(without(inTable));
    }),
    { least: 100, most: 100 },
  );
});

test('slices of any size go through every key once', async () => {
  const objects = [...UNUSUAL_NAMES, 'a', 'b', 'c', 'd'].map((name) => object(name));
  const files = [...UNUSUAL_NAMES, 'b', 'c', 'd', 'e'].map((name) => file(eventSpelling(name)));
  for (const most of [1, 2, 3, 7, 100]) {
    const slices = await pairAll(sources(objects, files), most);
    expect(slices.reduce((sum, slice) => sum + slice.objects, 0)).toBe(objects.length);
    expect(slices.reduce((sum, slice) => sum + slice.records, 0)).toBe(files.length);
    const alone = slices.flatMap(({ unpaired }) => unpaired.flatMap((group) => group.objects));
    expect(alone.map(({ name }) => name)).toContain('a');
  }
});

test('a slice ends when too many are waiting', async () => {
  const objects = Array.from({ length: 50 }, (_, i) => object(`lonely-${i}`));
  const slice = await pairPage(sources(objects, []), '', { keys: 1_000, waiting: 7 }, RULES);
  expect(slice.unpaired).toHaveLength(7);
  expect(slice.next).toBeDefined();
});

test.each<[string, readonly ListedObject[], readonly TrackedFile[], number]>([
  ['objects alone', Array.from({ length: 50 }, (_, i) => object(`lonely-${i}`)), [], 4],
  ['records alone', [], Array.from({ length: 50 }, (_, i) => file(`lonely-${i}`)), 11],
  [
    'drift',
    [],
    Array.from({ length: 50 }, (_, i) => ({ ...settled(`late-${i}`), drift: 'stale_head' as const })),
    6,
  ],
])('a slice ends when %s would take too many reads', async (_what, objects, files, keys) => {
  const rules = { ...RULES, readsOf: () => 3 };
  const size = { keys: 1_000, waiting: 1_000, reads: 11 };
  const slice = await pairPage(sources(objects, files), '', size, rules);
  expect(slice.unpaired.length + slice.drifted.length).toBe(keys);
  expect(slice.next).toBeDefined();
});

test('what has met its partner takes no reads', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `met ${i}`);
  const files = names.map((name) => file(eventSpelling(name)));
  const size = { keys: 1_000, waiting: 1_000, reads: 151 };
  const slice = await pairPage(
    sources(
      names.map((name) => object(name)),
      files,
    ),
    '',
    size,
    { ...RULES, readsOf: () => 3 },
  );
  expect(slice).toMatchObject({ unpaired: [], next: undefined });
});

test("a record's path decides which of two objects of one name is its own", async () => {
  const other = object('x', { folder: 'dt=2026-11-23/' });
  expect(await pair([object('x'), other], [file('x')])).toEqual({
    objects: ['dt=2026-11-23/x'],
    records: [],
  });
  expect(await pair([other], [file('x')])).toEqual({ objects: ['dt=2026-11-23/x'], records: ['x'] });
  expect(await pair([other], [file('x', { path: '' })])).toEqual(NOTHING);
});

test('an object in a folder further down pairs by its bare name', async () => {
  const deep = object('hour=05/x', { name: 'hour=05/x' });
  expect(await pair([deep], [file('x', { path: `s3://in/${FOLDER}hour=05/x` })])).toEqual(NOTHING);
});

test('a copy belongs to its record; without one it is left with the object it was made of', async () => {
  const copy = object('x', { place: 'quarantine', location: { bucket: 'q', key: `${FOLDER}x` } });
  expect(await pair([object('x'), copy], [file('x')])).toEqual(NOTHING);
  expect(await pair([copy], [file('x')])).toEqual({ objects: [], records: ['x'] });
  expect((await pair([object('x'), copy], [])).objects).toHaveLength(2);
});

test('what a file left that is done is no object without a record, unless it was uploaded since', async () => {
  const done = { file_key: 'x', doneAt: HOUR };
  expect(await pair([object('x')], [done])).toEqual(NOTHING);
  expect((await pair([object('x', { modified: 2 * HOUR })], [done])).objects).toEqual([`${FOLDER}x`]);
  expect((await pair([object('x')], [{ file_key: 'x' }])).objects).toEqual([`${FOLDER}x`]);
});

test('a settled record without an object is not reported, and does not count among the waiting names', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `expired-${i}`);
  const from = sources([object('lonely')], [...names.map(settled), file('lost')]);
  const page = await pairPage(from, '', { keys: 1_000, waiting: 3 }, RULES);
  expect(page.next).toBeUndefined();
  expect(page.records).toBe(51);
  expect(page.unpaired.map(({ objects, records }) => [objects.length, records.length])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test.each(['plain.ndjson', 'with space.ndjson'])(
  'an object of %s that is newer than its settled record stays alone',
  async (name) => {
    const tracked = settled(eventSpelling(name));
    expect(await pair([object(name, { modified: HOUR + 60_000 })], [tracked])).toEqual(NOTHING);
    expect(await pair([object(name, { modified: HOUR + 60_001 })], [tracked])).toEqual({
      objects: [FOLDER + name],
      records: [],
    });
  },
);

test('a record in a deeper folder pairs although it may be alone', async () => {
  const deep = object('hour=05/x', { name: 'hour=05/x' });
  const record = { file_key: 'x', path: `s3://in/${FOLDER}hour=05/x`, mayBeAlone: true };
  expect(await pair([deep], [{ file_key: 'x', record }])).toEqual(NOTHING);
});

test('objects that S3 never reports are counted, and do not pair', async () => {
  const strangers = Array.from({ length: 7 }, (_, i) => object(`notes-${i}.txt`, { place: 'never_told' }));
  for (const most of [1, 3, 100]) {
    const pages = await pairAll(sources([...strangers, object('a')], [file('a'), file('notes-1.txt')]), most);
    expect(pages.reduce((sum, { neverTold }) => sum + neverTold, 0)).toBe(7);
    expect(pages.reduce((sum, { objects }) => sum + objects, 0)).toBe(1);
    expect(pages.flatMap(({ unpaired }) => unpaired.flatMap(({ objects }) => objects))).toEqual([]);
    expect(pages.every(({ neverToldSamples }) => neverToldSamples.length <= 5)).toBe(true);
  }
});

test('drift is gathered along the way', async () => {
  const files = [
    file('a', { drift: 'stale_head' }),
    file('b'),
    { file_key: 'c', drift: 'record_gone' as const },
  ];
  const [slice] = await pairAll(sources([], files), 10);
  expect(slice?.drifted).toEqual([
    { file_key: 'a', drift: 'stale_head' },
    { file_key: 'c', drift: 'record_gone' },
  ]);
});

/** No folder, and no half of a surrogate pair. */
function isName(name: string): boolean {
  return !name.includes('/') && Buffer.from(name).toString() === name;
}
