import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { buildSync } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { partOf } from '../../shared/projection/counter-items.ts';
import { type CounterItem, countsOf } from '../../shared/projection/counters.ts';
import { FORM, noteForm } from '../../shared/projection/form.ts';
import { recountDate, repairCounters } from '../../shared/projection/recount.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import type { SenderPath } from '../../shared/settings/index-profile.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { applyDeps } from '../support/projection.ts';
import { comparerOf } from './comparable-classes.ts';
import * as present from './consumer-entry.ts';
import { consumedAt, recordedHistory } from './history.ts';
import { restore, storedItems, writeItems } from './projection-file.ts';

type Program = typeof present;
type Consumer = (batch: number) => Promise<void>;

const HERE = new URL('./', import.meta.url);
const batches = recordedHistory();
const ALL = batches.map((_, i) => i);
const HALF = ALL.slice(0, ALL.length / 2);
const REST = ALL.slice(HALF.length);
const RECORDED = readdirSync(HERE)
  .flatMap((name) => /^form-(\d+)$/.exec(name)?.[1] ?? [])
  .map(Number);

const DATES = ['2026-11-22', '2026-11-23', '2026-11-31'];
const BY_SENDER = { path: '{date}/{sender}.', prefix: 'pipeline/input/' };

const comparable = comparerOf(
  RECORDED.map((form) => readFileSync(fileOf(form, 'projection.ndjson'), 'utf8')),
);

/** A process of a program, which consumes the batches that it is given. */
function consumerOf(
  { consumeBatch, createKnownClasses, createWriter }: Program,
  aws: LocalAws,
  senderPath?: SenderPath,
): Consumer {
  const own = {
    seen: nothingSeen(senderPath),
    // The program of form 1 kept it in several fields.
    registeredDates: new Set<string>(),
    learntSuffixes: new Set<string>(),
    knownClasses: createKnownClasses(),
    writer: createWriter(() => 0),
  };
  return async (batch) => {
    const records = batches[batch] ?? [];
    const deps = applyDeps(aws, { ...own, now: consumedAt(batch), random: () => 0 });
    const report = await consumeBatch(records, deps, { s3: aws.s3, bucket: aws.buckets.deadLetter });
    expect(report).toMatchObject({ unapplied: [], deadLetters: [] });
  };
}

async function play(consume: Consumer, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await consume(number);
}

/**
 * All that is stored, whoever wrote it and in which slot. Whether an event is in a head or in its page depends on whether
 * the head was looked at, which a transaction that met another one does.
 */
async function content(aws: LocalAws) {
  const items: CounterItem[] = (await storedItems(aws)).map((raw) => unmarshall(raw));
  const counts: Record<string, number> = {};
  for (const item of items.filter(({ pk }) => String(pk).startsWith('STATS#'))) {
    const part = partOf(item)?.part;
    if (part === undefined) continue;
    for (const [name, count] of Object.entries(countsOf(item))) {
      const id = comparable(`${item.pk} ${part} ${name}`);
      counts[id] = (counts[id] ?? 0) + count;
    }
  }
  return {
    heads: items.flatMap((item) => headIn(item, items)),
    counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
  };
}

/** A head with all of its events, in the order of their positions. */
function headIn(item: CounterItem, items: readonly CounterItem[]) {
  const [, date] = /^(?:FILE|MANIFEST)#(.+)#\d$/.exec(String(item.pk)) ?? [];
  if (date === undefined) return [];
  const pages = items.filter(({ pk }) => pk === `PAGE#${date}#${item.sk}`);
  const events = [item, ...pages].flatMap(({ events: some }) => (some ?? []) as readonly { p: string }[]);
  const { pages: _, revision: __, ...head } = item;
  return [comparable({ ...head, events: events.sort((a, b) => (a.p < b.p ? -1 : 1)) })];
}

/** A head as a program has it that does not count by sender. */
function withoutSender({ c, ...head }: CounterItem) {
  const { n: _, ...others } = (c ?? {}) as Record<string, string>;
  return Object.keys(others).length > 0 ? { ...head, c: others } : head;
}

/** What the present program makes of batches by itself. */
async function madeAlone(numbers: readonly number[]): Promise<LocalAws> {
  const aws = await localAws();
  await play(consumerOf(present, aws), numbers);
  return aws;
}

let whole: Awaited<ReturnType<typeof content>>;

beforeAll(async () => {
  whole = await content(await madeAlone(ALL));
});

test('the history has what a projection can have', () => {
  const names = Object.keys(whole.counts).join('\n');
  const parts = ['age#', '~path-does-not-exist', 'file_quarantined', 'manifest_', 'file_unknown'];
  expect(parts.filter((part) => !names.includes(part))).toEqual([]);
  expect(whole.heads.some(({ events }) => events.length > 6)).toBe(true);
  expect(whole.heads.some((head) => Object.hasOwn(head, 'expires_at'))).toBe(true);
});

test('the form before the present one is recorded, or the present one', () => {
  expect(RECORDED.some((form) => form === FORM || form === FORM - 1)).toBe(true);
});

test.runIf(RECORDED.includes(FORM))('a program that stores anything otherwise has another form', async () => {
  const aws = await localAws();
  await restore(aws, fileOf(FORM, 'projection.ndjson'));
  expect(comparable(await storedItems(await madeAlone(HALF)))).toEqual(comparable(await storedItems(aws)));
});

describe.each(RECORDED)('a projection of form %s', (form) => {
  let former: Program;
  let aws: LocalAws;

  beforeAll(async () => {
    former = (await import(fileOf(form, 'consumer.mjs').href)) as Program;
  });

  const restored = async () => {
    aws = await localAws();
    await restore(aws, fileOf(form, 'projection.ndjson'));
  };

  test('is read as it was written, and nothing of it is to be repaired', async () => {
    await restored();
    expect(await content(aws)).toEqual(await content(await madeAlone(HALF)));
    const projection = { docs: aws.documents, name: aws.projectionTable };
    for (const date of DATES) {
      const drift = await recountDate(projection, date);
      expect(drift).toMatchObject({ quiet: true, missing: {}, missingElsewhere: [], outdated: [] });
    }
  });

  test('is continued by the present program exactly', async () => {
    await restored();
    await play(consumerOf(present, aws), REST);
    expect(await content(aws)).toEqual(whole);
  });

  test('is continued by both side by side exactly, as in a deployment', async () => {
    await restored();
    const consumers = [consumerOf(former, aws), consumerOf(present, aws)];
    for (let i = 0; i < REST.length; i += consumers.length) {
      const step = REST.slice(i, i + consumers.length);
      await Promise.all(step.map((number, at) => consumers[at]?.(number)));
    }
    expect(await content(aws)).toEqual(whole);
  });

  test('is continued by its own program after the present one wrote to it, as after a rollback', async () => {
    await restored();
    const middle = REST.length / 2;
    await play(consumerOf(present, aws), REST.slice(0, middle));
    await play(consumerOf(former, aws), REST.slice(middle));
    expect(await content(aws)).toEqual(whole);
  });

  test('keeps all that both count where the present one also counts by sender, and a recount sets that right', async () => {
    await restored();
    const middle = REST.length / 2;
    await play(consumerOf(present, aws, BY_SENDER), REST.slice(0, middle));
    await play(consumerOf(former, aws), REST.slice(middle));
    const { heads, counts } = await content(aws);
    expect(heads.map(withoutSender)).toEqual(whole.heads);
    const isOfSender = ([id]: [string, number]) => id.includes(' ~~');
    const others = Object.entries(counts).filter((entry) => !isOfSender(entry));
    expect(Object.fromEntries(others)).toEqual(whole.counts);
    expect(Object.entries(counts).some(isOfSender)).toBe(true);
    const projection = { docs: aws.documents, name: aws.projectionTable };
    for (const date of DATES)
      await repairCounters(await recountDate(projection, date, BY_SENDER), applyDeps(aws));
    for (const date of DATES) {
      const { quiet, missing, missingElsewhere, outdated } = await recountDate(projection, date, BY_SENDER);
      expect({ quiet, missing, missingElsewhere }).toEqual({
        quiet: true,
        missing: {},
        missingElsewhere: [],
      });
      expect(outdated).not.toEqual([]);
    }
  });

  test('is left as it is by both when all is delivered again', async () => {
    await restored();
    await play(consumerOf(present, aws), REST);
    for (const program of [former, present]) await play(consumerOf(program, aws), ALL);
    expect(await content(aws)).toEqual(whole);
  });
});

describe('the form that is noted', () => {
  const table = async () => {
    const { documents, projectionTable } = await localAws();
    return { docs: documents, name: projectionTable };
  };

  test('is the highest that ever wrote there, and is left as it is by a program of the form before', async () => {
    const projection = await table();
    for (const form of [3, 4, 3]) await noteForm(projection, form);
    await expect(noteForm(projection, 2)).rejects.toThrow(
      'The projection has form 4, but this program supports at most form 3',
    );
  });

  test('is noted by two at the same time once', async () => {
    const projection = await table();
    await Promise.all([noteForm(projection, 1), noteForm(projection, 2), noteForm(projection, 2)]);
    await expect(noteForm(projection, 0)).rejects.toThrow('has form 2');
  });
});

test.runIf(process.env.RECORD_FORM)('what this program stores is recorded', async () => {
  const folder = new URL(`form-${FORM}/`, HERE);
  if (existsSync(folder))
    throw new Error(`${fileURLToPath(folder)} is there already, and is never replaced.`);
  const items = await storedItems(await madeAlone(HALF));
  mkdirSync(folder);
  writeItems(fileOf(FORM, 'projection.ndjson'), items);
  buildSync({
    entryPoints: [fileURLToPath(new URL('consumer-entry.ts', HERE))],
    outfile: fileURLToPath(fileOf(FORM, 'consumer.mjs')),
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external' },
  });
});

function fileOf(form: number, name: string): URL {
  return new URL(`form-${form}/${name}`, HERE);
}
