import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/functions/all.ts';
import { environmentSettings } from '../../../infra/settings.ts';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { synthesizeQuickly } from '../../support/synthesized.ts';
import { allDependenciesOf } from '../../support/template-references.ts';
import { deployedValue } from '../../support/template-values.ts';

/** What a function has, as far as these rules ask. */
interface FunctionProperties {
  readonly FunctionName: string;
  readonly Runtime: string;
  readonly Handler: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Architectures: readonly string[];
  readonly EphemeralStorage?: { readonly Size: number };
  readonly ReservedConcurrentExecutions?: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
// Until April 2027 and April 2028: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
const RUNTIMES = ['nodejs22.x', 'nodejs24.x'];
const ENVIRONMENT_BYTES = 4_096;
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const UNZIPPED_BYTES = 250 * 1_048_576;

describe.each(ENVIRONMENTS)('every function of %s', (environment) => {
  const { template } = deployed(environment);
  const functions = resourcesOf(template, 'AWS::Lambda::Function').map(
    ([id, properties]) => [id, properties as unknown as FunctionProperties] as const,
  );

  test('stays within the limits of memory, time and storage', () => {
    for (const [id, { MemorySize, Timeout, EphemeralStorage }] of functions) {
      expect(MemorySize, id).toBeGreaterThanOrEqual(128);
      expect(MemorySize, id).toBeLessThanOrEqual(10_240);
      expect(Timeout, id).toBeGreaterThanOrEqual(1);
      expect(Timeout, id).toBeLessThanOrEqual(900);
      expect(EphemeralStorage?.Size ?? 512, id).toBeGreaterThanOrEqual(512);
      expect(EphemeralStorage?.Size ?? 512, id).toBeLessThanOrEqual(10_240);
    }
  });

  test('asks for no concurrency of its own, which a new account with its limit of ten would refuse', () => {
    for (const [id, properties] of functions)
      expect(properties, id).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('has variables of allowed names, in at most 4 KB', () => {
    for (const [id, { Environment }] of functions) {
      const entries = Object.entries(Environment.Variables).map(
        ([name, value]) => [name, deployedValue(value, template)] as const,
      );
      for (const [name] of entries) {
        expect(name, id).toMatch(/^[a-zA-Z]\w+$/);
        expect(name, id).not.toMatch(RESERVED);
      }
      const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
      expect(bytes, id).toBeLessThanOrEqual(ENVIRONMENT_BYTES);
    }
  });

  test('runs on a runtime that Lambda still creates functions for', () => {
    for (const [id, { Runtime }] of functions) expect(RUNTIMES, id).toContain(Runtime);
  });

  test('is created after its role and its policy, as which Lambda tries it', () => {
    const policies = resourcesOf(template, 'AWS::IAM::Policy');
    for (const [id, properties] of resourcesOf(template, 'AWS::Lambda::Function')) {
      const role = (properties.Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
      const own = policies.filter(([, { Roles }]) => JSON.stringify(Roles).includes(`"${role}"`));
      expect(own.length, id).toBeGreaterThan(0);
      for (const [policy] of own) expect(allDependenciesOf(id, template), id).toContain(policy);
    }
  });
});

test.each(FUNCTIONS)(
  'the bundle of $handler holds the file that is called, and fits',
  ({ handler, description }) => {
    const folder = join(inject('bundleFolder'), handler);
    const fn = resourcesOf(deployed('prod').template, 'AWS::Lambda::Function').find(
      ([, properties]) => properties.Description === description,
    )?.[1] as unknown as FunctionProperties;
    const [file = '', called] = fn.Handler.split('.');
    expect(called).toBe('handler');
    expect(existsSync(join(folder, `${file}.mjs`))).toBe(true);
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(UNZIPPED_BYTES);
  },
);

test('settings that are too long for Lambda are refused before anything is deployed', () => {
  const settings = environmentSettings('dev', {});
  const outputs = { ...settings.profile.outputs, prefixes: [`${'x'.repeat(ENVIRONMENT_BYTES)}/`] };
  const tooLong = { ...settings, profile: { ...settings.profile, outputs } };
  expect(() => synthesizeQuickly(tooLong)).toThrow(
    /The environment variables of [\w-]+ are \d+ bytes long, allowed: 4096\. The longest is PIPELINE_PROFILE/,
  );
});
