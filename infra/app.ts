import { fileURLToPath } from 'node:url';
import { App, Stage, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { isEntry, processVariables } from '../shared/aws/process-environment.ts';
import { bundleHandlers } from './bundle.ts';
import {
  DEPLOYED_ENVIRONMENTS,
  type EnvironmentSettings,
  environmentSettings,
  targetOf,
} from './settings.ts';
import { StateManagerStack } from './stack.ts';

/**
 * Puts the environments into an app, with the rules that they are checked against when it is synthesized.
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

/** One environment, whole. */
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
  const only: unknown = app.node.tryGetContext('environment');
  const chosen = DEPLOYED_ENVIRONMENTS.filter((environment) => only === undefined || environment === only);
  const bundles = fileURLToPath(new URL('../.local/bundles', import.meta.url));
  bundleHandlers(bundles);
  stateManager(
    app,
    chosen.map((environment) => environmentSettings(environment, processVariables())),
    bundles,
  );
  app.synth();
}

// Tests import this file and put their own environments into apps of their own.
if (isEntry(import.meta.url)) synthesize();
