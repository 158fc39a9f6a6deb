import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { afterAll, expect, test } from 'vitest';
import { prodConstructs } from '../support/prod-stage.ts';
import { anchorsOf } from './markdown.ts';

const ROW = /^\| (.*) \| \[.*\]\(#(.*)\) \|$/gm;
const handbook = readFileSync(new URL('../../docs/handbook.md', import.meta.url), 'utf8');
const rows = [...handbook.matchAll(ROW)].map(([, alarms = '', anchor = '']) => ({ alarms, anchor }));
const folder = mkdtempSync(join(tmpdir(), 'state-manager-alarms-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The ends of the names of all alarms in prod, with and without schedules, and with an outlet; nothing is bundled or synthesized. */
function alarmNames(): string[] {
  const names = [true, false].flatMap((enableSchedules) => {
    const { settings, constructs } = prodConstructs(folder, {
      enableSchedules,
      outlet: { bus: 'notices', create: false },
    });
    const alarms = constructs.filter((construct) => construct instanceof CfnAlarm);
    return alarms.map(({ alarmName = '' }) => alarmName.slice(settings.names.alarmPrefix.length + 1));
  });
  return [...new Set(names)];
}

test('every alarm of the stack is in the list of the handbook, and no other', () => {
  const named = rows.flatMap(({ alarms }) =>
    [...alarms.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );
  expect(named.sort()).toEqual(alarmNames().sort());
});

test('every section is in the list once, in the order of the sections', () => {
  const [, ...sections] = anchorsOf(handbook);
  expect(rows.map(({ anchor }) => anchor)).toEqual(sections);
});
