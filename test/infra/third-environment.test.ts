import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentSettings } from '../../infra/settings.ts';
import { findTarget } from '../../shared/cli/target.ts';
import { deployedEnvironments } from '../../shared/settings/environment-files.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { functionsOf } from '../support/policies.ts';
import { runRunbook } from '../support/runbook.ts';
import { settingsFolder } from '../support/settings-folder.ts';
import { type Synthesized, synthesizeQuickly } from '../support/synthesized.ts';

/** One more file is one more environment; here two of them, for two pipelines of one account. */

const PLACE = { account: '000000000000', region: 'us-east-1' };
const arnOf = (table: string) =>
  `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/2026-11-23T05:22:46.000`;

let aws: LocalAws;
let folder: Readonly<Record<string, string>>;
let synthesized: Synthesized;

beforeAll(async () => {
  aws = await localAws();
  const { trackingTable, projectionTable, buckets } = aws;
  folder = settingsFolder({
    'settings.staging.json': {
      ...PLACE,
      tracking_table: { stream_arn: arnOf(trackingTable) },
      projection_table: { name: projectionTable },
      buckets: {
        input: buckets.input,
        manifest: buckets.manifest,
        output: buckets.output,
        quarantine: buckets.quarantine,
        dead_letters: buckets.deadLetter,
      },
      pipeline: { records: { status_index: 'by-status' }, builder: { max_files: 200 } },
    },
    'settings.second.json': { ...PLACE, tracking_table: { stream_arn: arnOf('files-of-the-second') } },
  });
  synthesized = synthesizeQuickly(
    ...deployedEnvironments(folder).map((environment) => environmentSettings(environment, folder)),
  );
});

afterAll(() => synthesized.remove());

test('no name of one environment is used by another one of the account', () => {
  const [second = [], staging = []] = synthesized.templates.map(({ Resources }) =>
    Object.values(Resources).flatMap(({ Properties = {} }) =>
      Object.entries(Properties).filter(
        ([property]) => /^[A-Z]\w*Name$/.test(property) && property !== 'MetricName',
      ),
    ),
  );
  const names = new Set(second.map(([, name]) => JSON.stringify(name)));
  const own = staging.filter(([, name]) => typeof name === 'string' && name.includes('-'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter(([, name]) => names.has(JSON.stringify(name)))).toEqual([]);
});

/** What a function is told that no runbook needs; of the rate of reading it may have a share. */
const OF_FUNCTIONS = [
  ...['NODE_OPTIONS', 'AUTO_HEAL', 'APPROVAL', 'ANSWER_FORM', 'STREAM_MAPPING'],
  ...['READ_UNITS_PER_SECOND', 'SWEEP_READ_UNITS', 'CHANGE_MACHINE'],
];

test('its functions work on what its runbooks work on', () => {
  const [, template] = synthesized.templates;
  if (!template) throw new Error('staging was not synthesized.');
  const { variables } = findTarget({ env: 'staging' }, folder);
  for (const { environment } of functionsOf(template)) {
    const common = Object.entries(environment).filter(([name]) => !OF_FUNCTIONS.includes(name));
    expect(variables).toMatchObject(Object.fromEntries(common));
  }
});

test('a runbook reads its tables when it is named, and its help lists it', async () => {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_DYNAMODB } = aws.environment;
  const shell = {
    ...{ AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_DYNAMODB },
    ...folder,
  } as Record<string, string>;
  const { code, stdout, stderr } = await runRunbook('stats', ['--env', 'staging', '--json'], shell);
  expect({ code, total: JSON.parse(stdout || '{}').total }).toEqual({ code: 0, total: 0 });
  expect(stderr).toContain(`Table   ${aws.trackingTable}`);
  const help = await runRunbook('stats', ['--help'], shell);
  expect(help.stdout.replace(/\s+/g, ' ')).toContain('The environment: local, second, staging');
  expect((await runRunbook('stats', ['--env', 'prod'], shell)).stderr).toContain(
    'received "prod", allowed: local, second, staging.\nTo add one, write settings.NAME.json',
  );
});
