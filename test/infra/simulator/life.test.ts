import { describe, expect, it } from 'vitest';
import {
  type Batch,
  generateBatches,
  type LifeOptions,
  TIME_SPELLINGS,
} from '../../../infra/simulator/life.ts';
import { manifestKey } from '../../../infra/simulator/records.ts';
import { type Action, SCENARIOS } from '../../../infra/simulator/scenarios.ts';

const startMillis = Date.parse('2026-11-23T23:50:00Z');
const options = { seed: 1, rate: 5, files: 5_000 };
const batches = generate();
const files = batches.flatMap((batch) => batch.files);

const STATUS_OF: Partial<Record<Action, string>> = {
  upload: 'pending',
  claim: 'manifested',
  assign: 'manifested',
  release: 'pending',
  process: 'processing',
  complete: 'completed',
  fail: 'failed',
  quarantine: 'quarantined',
};

describe('a simulation', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(generate({ files: 200 })).toEqual(generate({ files: 200 }));
    expect(generate({ files: 200, seed: 2 })).not.toEqual(generate({ files: 200 }));
  });

  it('has exactly as many files as asked for', () => {
    expect(files).toHaveLength(5_000);
    expect(generate({ files: 7 }).flatMap((batch) => batch.files)).toHaveLength(7);
  });

  it('has no end without a limit', () => {
    const endless = generateBatches({ seed: 1, rate: 5 }, 0);
    for (let taken = 0; taken < 300; taken += 1) expect(endless.next().done).toBe(false);
  });

  it('keeps the rate on average and comes in bursts', () => {
    const last = batches.at(-1);
    expect(last?.startsAt).toBeGreaterThan(900);
    expect(last?.startsAt).toBeLessThan(1_000);
    const starts = new Set(batches.map(({ startsAt }) => startsAt));
    expect(starts.size).toBeLessThan(batches.length * 0.7);
  });

  it('contains every scenario', () => {
    const names = new Set(batches.map(({ scenario }) => scenario.name));
    expect([...names].sort()).toEqual(SCENARIOS.map(({ name }) => name).sort());
  });
});

describe('the lives of files', () => {
  it('are written in the order of their times', () => {
    for (const { steps } of batches) {
      expect(steps).toEqual([...steps].sort((a, b) => a.at - b.at));
    }
  });

  it('begin with an upload and follow legal moves', () => {
    const moves = new Set(batches.flatMap((batch) => lives(batch).flatMap(movesOf)));
    expect([...moves].sort()).toEqual([
      'completed > completed',
      'manifested > completed',
      'manifested > failed',
      'manifested > manifested',
      'manifested > pending',
      'manifested > processing',
      'none > pending',
      'pending > manifested',
      'pending > quarantined',
      'processing > completed',
    ]);
  });

  it('have up to 22 records, a quarter of which change no status', () => {
    const records = batches.flatMap(lives);
    const moves = records.flatMap(movesOf);
    const unchanged = moves.filter((move) => move.split(' > ')[0] === move.split(' > ')[1]);
    expect(Math.max(...records.map(({ length }) => length))).toBe(22);
    expect(unchanged.length / moves.length).toBeGreaterThan(0.2);
    expect(unchanged.length / moves.length).toBeLessThan(0.3);
  });

  it('leave a few files in flight for ever', () => {
    const last = batches.flatMap(lives).map((statuses) => statuses.at(-1));
    const stuck = (status: string) => last.filter((each) => each === status).length;
    for (const status of ['pending', 'manifested', 'processing']) expect(stuck(status)).toBeGreaterThan(0);
    expect(stuck('completed') / last.length).toBeGreaterThan(0.85);
  });
});

describe('the names', () => {
  it('are unique as objects, as records and as manifests', () => {
    expect(new Set(files.map(({ objectKey }) => objectKey)).size).toBe(files.length);
    expect(new Set(files.map(({ file_key }) => file_key)).size).toBe(files.length);
    expect(new Set(batches.map(manifestKey)).size).toBe(batches.length);
  });

  it('are spelled as events spell them', () => {
    const spaced = files.find(({ objectKey }) => objectKey.includes('with space'));
    expect(spaced?.file_key).toMatch(/^2026-11-2\d\+with\+space\+[0-9a-f]{8}\.ndjson$/);
    for (const { objectKey, file_key } of files) {
      const name = objectKey.slice(objectKey.lastIndexOf('/') + 1);
      expect(decodeURIComponent(file_key.replaceAll('+', '%20'))).toBe(name);
    }
  });

  it('carry the date of their batch, or none when it is the day of their arrival', () => {
    for (const batch of batches) {
      const day = new Date(startMillis + batch.startsAt * 1_000).toISOString().slice(0, 10);
      for (const { objectKey } of batch.files) {
        expect(/\d{4}-\d{2}-\d{2}/.exec(objectKey)?.[0] ?? day).toBe(batch.date);
      }
    }
    expect(files.some(({ file_key }) => file_key.startsWith('nodate-'))).toBe(true);
  });

  it('turn to the next day at midnight', () => {
    const dates = new Set(batches.map(({ date }) => date));
    expect(dates).toContain('2026-11-23');
    expect(dates).toContain('2026-11-24');
  });
});

it('every time spelling, both creation attributes and every shard occur', () => {
  expect(new Set(files.map(({ spelling }) => spelling))).toEqual(new Set(TIME_SPELLINGS));
  expect(new Set(files.map(({ creationAttribute }) => creationAttribute)).size).toBe(2);
  expect(new Set(files.map(({ suffix }) => suffix)).size).toBe(11);
  expect(files.filter(({ hasInput }) => !hasInput).length).toBeGreaterThan(0);
});

function generate(changes: Partial<LifeOptions> = {}): Batch[] {
  return [...generateBatches({ ...options, ...changes }, startMillis)];
}

/** The statuses that each recorded file of a batch takes, one for each record of its life. */
function lives(batch: Batch): string[][] {
  const statuses: string[][] = batch.files.map(() => []);
  for (const { action, files: indexes } of batch.steps) {
    const status = STATUS_OF[action];
    for (const index of indexes) if (status) statuses[index]?.push(status);
  }
  return statuses.filter(({ length }) => length > 0);
}

function movesOf(statuses: readonly string[]): string[] {
  return statuses.map((status, index) => `${statuses[index - 1] ?? 'none'} > ${status}`);
}
