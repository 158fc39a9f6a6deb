import { Stage, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type EnvironmentSettings, targetOf } from './settings.ts';
import { StateManagerStack } from './stack.ts';

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
