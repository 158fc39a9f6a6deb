import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askConsent, consentOf, type Terminal } from '../../../shared/cli/confirm.ts';

const local = {
  environment: 'local',
  trackingTable: 'tracking',
  projectionTable: 'projection',
  profile: undefined,
  endpoint: undefined,
  start: 'npm start',
  production: false,
  approval: undefined,
  home: { account: undefined, region: undefined },
  names: { alarmPrefix: 'alarms', consumerFunction: 'consumer' },
};
const prod = { ...local, environment: 'prod', production: true };
const flags = (more = {}) => ({ apply: true, reason: 'why', yes: false, ...more });

test('outside production a question is asked, unless --yes answers it', () => {
  expect(consentOf(flags(), local, true)).toBe('to be asked');
  expect(consentOf(flags({ yes: true }), local, true)).toBe('given');
  expect(consentOf(flags({ yes: true }), local, false)).toBe('given');
});

test('without a terminal nothing is asked, and the error names the flag', () => {
  expect(() => consentOf(flags(), local, false)).toThrow(
    expect.objectContaining({ exitCode: 3, hint: 'If you are sure, add --yes.' }),
  );
});

test("production wants the table's name, which --yes does not replace", () => {
  const hint = 'If you are sure, add --confirm tracking.';
  const refused = expect.objectContaining({ exitCode: 3, hint });
  expect(() => consentOf(flags({ yes: true }), prod, true)).toThrow(refused);
  expect(() => consentOf(flags({ confirm: 'trakcing' }), prod, true)).toThrow(refused);
  expect(consentOf(flags({ confirm: 'tracking' }), prod, false)).toBe('given');
});

test('a wrong --confirm is refused everywhere', () => {
  expect(() => consentOf(flags({ confirm: 'other', yes: true }), local, true)).toThrow('received "other"');
});

test.each([undefined, '', '  '])('the reason %j counts as none', (reason) => {
  expect(() => consentOf(flags({ reason, yes: true }), local, true)).toThrow(
    expect.objectContaining({ exitCode: 2 }),
  );
});

test.each(['y', 'Yes', ' YES '])('%j means yes', async (answer) => {
  await expect(ask(answer)).resolves.toBeUndefined();
});

test.each(['n', '', 'yess', 'no'])('%j means no', async (answer) => {
  await expect(ask(answer)).rejects.toThrow('Cancelled');
});

test('the end of input and Ctrl-C mean no', async () => {
  const terminal = fakeTerminal();
  terminal.input.emit('end');
  (terminal.input as unknown as PassThrough).end();
  await expect(askConsent('Do it', local, terminal, new AbortController().signal)).rejects.toThrow(
    'Cancelled',
  );
  await expect(askConsent('Do it', local, fakeTerminal(), AbortSignal.abort())).rejects.toThrow('Cancelled');
});

function ask(answer: string): Promise<void> {
  const terminal = fakeTerminal();
  (terminal.input as unknown as PassThrough).write(`${answer}\n`);
  return askConsent('Do it', local, terminal, new AbortController().signal);
}

function fakeTerminal(): Terminal {
  return { input: new PassThrough(), output: new PassThrough() } as unknown as Terminal;
}
