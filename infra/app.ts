import { fileURLToPath } from 'node:url';
import { App, Stage, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { isEntry, processVariables } from '../shared/aws/process-environment.ts';
import { deployedEnvironments } from '../shared/settings/environment-files.ts';
import { bundleHandlers } from './bundle.ts';
import { type EnvironmentSettings, environmentSettings, targetOf } from './settings.ts';
import { StateManagerStack } from './stack.ts';

/**
 * Adds the environments to an app, with the rules that they are checked against when it is synthesized.
 *
 * @param bundleFolder where the handlers' bundles are
 */
export function stateManager(
  app: App,
  environments: readonly EnvironmentSettings[],
  bundleFolder: string,
): StateManagerStage[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return environments.map((settings) => new StateManagerStage(app, settings, bundleFolder));
}

/** One complete environment. */
export class StateManagerStage extends Stage {
  readonly stack: StateManagerStack;

  constructor(scope: Construct, settings: EnvironmentSettings, bundleFolder: string) {
    super(scope, settings.environment, { env: targetOf(settings) });
    this.stack = new StateManagerStack(this, settings, bundleFolder);
    Tags.of(this).add('application', 'ndjson-parquet-state-manager');
    Tags.of(this).add('environment', settings.environment);
  }
}

/** What the CDK runs: all environments, or the one in the context. */
function synthesize(): void {
  const app = new App();
  const variables = processVariables();
  const only: unknown = app.node.tryGetContext('environment');
  const chosen = only === undefined ? deployedEnvironments(variables) : [String(only)];
  const bundles = fileURLToPath(new URL('../.local/bundles', import.meta.url));
  bundleHandlers(bundles);
  stateManager(
    app,
    chosen.map((environment) => environmentSettings(environment, variables)),
    bundles,
  );
  app.synth();
}

// Tests import this file and add their own environments to apps of their own.
if (isEntry(import.meta.url)) synthesize();
