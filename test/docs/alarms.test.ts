import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { afterAll, expect, test } from 'vitest';
import { StateManagerStage } from '../../infra/app.ts';
import { FUNCTIONS } from '../../infra/functions/all.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { anchorsOf } from './markdown.ts';

const ROW = /^\| (.*) \| \[.*\]\(#(.*)\) \|$/gm;
const handbook = readFileSync(new URL('../../docs/handbook.md', import.meta.url), 'utf8');
const rows = [...handbook.matchAll(ROW)].map(([, alarms = '', anchor = '']) => ({ alarms, anchor }));
const folder = mkdtempSync(join(tmpdir(), 'state-manager-alarms-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The ends of the names of all alarms in prod, which has the schedules; nothing is bundled or synthesized. */
function alarmNames(): string[] {
  const settings = environmentSettings('prod', {});
  const bundles = join(folder, 'bundles');
  for (const { handler } of FUNCTIONS) {
    mkdirSync(join(bundles, handler), { recursive: true });
    writeFileSync(join(bundles, handler, 'index.mjs'), '');
  }
  const stage = new StateManagerStage(new App({ outdir: join(folder, 'out') }), settings, bundles);
  const alarms = stage.node.findAll().filter((construct) => construct instanceof CfnAlarm);
  return alarms.map(({ alarmName = '' }) => alarmName.slice(settings.names.alarmPrefix.length + 1));
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
