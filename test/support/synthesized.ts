import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { inject } from 'vitest';
import { stateManager } from '../../infra/app.ts';
import type { EnvironmentSettings } from '../../infra/settings.ts';
import type { TemplateJson } from './template-values.ts';

/** The results of synthesizing. */
export interface Synthesized {
  /** One template for each environment, in the order of the settings. */
  readonly templates: readonly TemplateJson[];
  /** Whether the CDK protects each stack before it creates any of its resources. */
  readonly protections: readonly boolean[];
  /** Deletes the files. */
  remove(): void;
}

/** Synthesizes as `npm run synth` does, with all checks. It takes seconds, so call it once per test file. */
export function synthesize(...environments: readonly EnvironmentSettings[]): Synthesized {
  return synthesizeApp(environments, true);
}

/** The same without CloudFormation's own rules, because starting their engine takes most of those seconds. */
export function synthesizeQuickly(...environments: readonly EnvironmentSettings[]): Synthesized {
  return synthesizeApp(environments, false);
}

function synthesizeApp(
  environments: readonly EnvironmentSettings[],
  builtinCloudFormationValidation: boolean,
): Synthesized {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-synth-'));
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ context, outdir: join(folder, 'cdk.out'), builtinCloudFormationValidation });
  const stages = stateManager(app, environments, inject('bundleFolder'));
  const assembly = app.synth();
  const stacks = stages.map(({ artifactId }) => assembly.getNestedAssembly(artifactId).stacks[0]);
  return {
    templates: stacks.map((stack): TemplateJson => stack?.template),
    protections: stacks.map((stack) => stack?.terminationProtection ?? false),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
