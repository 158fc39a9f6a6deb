import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { inject } from 'vitest';
import { stateManager } from '../../infra/app.ts';
import type { EnvironmentSettings } from '../../infra/settings.ts';
import type { TemplateJson } from './template-values.ts';

/** What synthesizing left behind. */
export interface Synthesized {
  /** One template for each environment, in the order of the settings. */
  readonly templates: readonly TemplateJson[];
  /** Whether the CDK protects each of their stacks before it creates anything of it. */
  readonly protections: readonly boolean[];
  /** Deletes what is on disk. */
  remove(): void;
}

/** Synthesizes as `npm run synth` does, all checks included. Takes seconds: once for a test file. */
export function synthesize(...environments: readonly EnvironmentSettings[]): Synthesized {
  return synthesizeApp(environments, true);
}

/** The same without CloudFormation's own rules: to start their engine takes most of those seconds. */
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
