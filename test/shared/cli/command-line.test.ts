import { expect, test } from 'vitest';
import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { parseCommandLine } from '../../../shared/cli/command-line.ts';
import { date } from '../../../shared/cli/dates.ts';
import { commonFlags, duration } from '../../../shared/cli/flags.ts';
import { EXIT } from '../../../shared/text/refused.ts';
import { VERSION } from '../../../shared/text/version.ts';

const spec = {
  script: 'npx tsx runbooks/sample.ts',
  common: commonFlags(['local', 'dev', 'prod']),
  description: 'A sample',
  flags: z.object({
    file: z.string().min(1).optional().describe('The file'),
    limit: z.int().min(1).max(10_000).default(100).describe('How many'),
    status: z.array(z.enum(['pending', 'failed'])).optional(),
    date: date.meta({ alias: 'date-prefix' }),
    olderThan: duration,
    apply: z.boolean().default(false),
    set: z.array(z.string()).default([]).meta({ whole: true }),
  }),
  positional: 'file' as const,
  examples: [['--env local', 'what it does']] as const,
};

const read = (...args: string[]) => parseCommandLine(spec, args, 80);

test('flags are read as their schemas say, and have their defaults', async () => {
  const line = await read('--limit', '5', '--status', 'pending,failed', '--older-than', '1.5h', '--apply');
  expect(line).toMatchObject({
    flags: { limit: 5, status: ['pending', 'failed'], olderThan: 5_400_000, apply: true },
    common: { output: 'table', json: false },
  });
  expect(await read()).toMatchObject({ flags: { limit: 100, apply: false } });
});

test('values of a list are separated by commas, unless they may contain some', async () => {
  expect(await read('--set', 'a=1, b=2', '--set', 'c=3')).toMatchObject({
    flags: { set: ['a=1, b=2', 'c=3'] },
  });
  expect(await read('--status', 'pending', '--status', 'failed')).toMatchObject({
    flags: { status: ['pending', 'failed'] },
  });
});

test('one word stands for a flag, and an alias for its flag', async () => {
  expect(await read('a.ndjson', '--date-prefix', 'today')).toMatchObject({
    flags: { file: 'a.ndjson', date: 'today' },
  });
  expect(await read('2026')).toMatchObject({ flags: { file: '2026' } });
});

test('help has every flag with what it takes, and examples that can be copied', async () => {
  const { help } = await read('--help', '--limit', 'abc');
  expect(help).toContain('--older-than');
  expect(help).toMatch(/How many: a whole number from 1 to\s+10,000/);
  expect(help).toContain('\n  # what it does\n  npx tsx runbooks/sample.ts --env local');
});

test('the version is that of the package, and stands alone', async () => {
  expect(VERSION).toBe(packageJson.version);
  expect(await read('--version')).toEqual({ help: VERSION });
});

test.each([
  [['--limit', 'abc'], '--limit: received "abc", allowed: a whole number from 1 to 10,000.'],
  [['--limit', '0'], '--limit: received 0, allowed: a whole number from 1 to 10,000.'],
  [['--limit', '1.5'], '--limit: received 1.5, allowed'],
  [['--limit', '1e3'], '--limit: received "1e3", allowed'],
  [['--limit', '-5'], '--limit: received -5, allowed'],
  [['--limit', '1', '--limit', '2'], '--limit: received "1" and "2", allowed'],
  [['--limit'], '--limit: received nothing, allowed'],
  [['--limit', '--apply'], '--limit: received nothing, allowed'],
  [['--limit='], '--limit: received nothing, allowed'],
  [['--status', 'done'], '--status: received "done", allowed: pending, failed; separate several with commas'],
  [
    ['--date', '2026-2-30'],
    '--date: received "2026-2-30", allowed: a date as YYYY-MM-DD, today or yesterday',
  ],
  [['--older-than', '5'], '--older-than: received "5", allowed: a length of time such as 90s'],
  [['--limti', '5'], 'Unknown flag --limti, allowed: --file, --limit, --status'],
  [['-x'], 'Unknown flag -x, allowed'],
  [['--olderThan', '1h'], 'Unknown flag --olderThan, allowed'],
  [['a', 'b'], 'Received "b", allowed: one FILE and flags.'],
  [['a', '--file', 'b'], '--file: received "b" and "a"'],
  [['--output', 'xml'], '--output: received "xml", allowed: table, json, ndjson, csv.'],
  [['--json', '--output', 'csv'], '--output: received "csv", allowed: only one form'],
  [['--endpoint-url', 'here'], '--endpoint-url: received "here", allowed: a URL.'],
  [['--env', ''], '--env: received nothing, allowed: any text.'],
])('%j is refused as usage, naming what was received and what is allowed', async (args, message) => {
  const refused = await read(...args).catch((error) => error);
  expect(refused).toMatchObject({ exitCode: EXIT.usage, hint: 'See: npx tsx runbooks/sample.ts --help' });
  expect(refused.message).toContain(message);
});

test('further lines are at the end of the help, and a command may have no common flags', async () => {
  const { common: _, ...bare } = spec;
  const { help } = await parseCommandLine({ ...bare, more: 'Sections:\n  one' }, ['--help'], 80);
  expect(help).toMatch(/Sections:\n {2}one$/);
  expect(help).not.toContain('--endpoint-url');
  await expect(parseCommandLine(bare, ['--env', 'dev'], 80)).rejects.toThrow('Unknown flag --env');
});

test('a name that begins with - is read after a bare -- and after =; otherwise the error says how to give it', async () => {
  expect(await read('--date', 'today', '--', '-x.ndjson')).toMatchObject({ flags: { file: '-x.ndjson' } });
  expect(await read('--file=-x.ndjson')).toMatchObject({ flags: { file: '-x.ndjson' } });
  await expect(read('-x.ndjson')).rejects.toMatchObject({
    hint: expect.stringMatching(/as DATE\/NAME\.$/),
  });
});
