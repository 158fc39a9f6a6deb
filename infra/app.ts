import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { processVariables } from '../shared/aws/process-environment.ts';
import { DEPLOYED_ENVIRONMENTS, environmentSettings } from './settings.ts';
import { stateManager } from './state-manager.ts';

/** What the CDK runs: all environments, or the one in the context. */
const app = new App();
const only: unknown = app.node.tryGetContext('environment');
const chosen = DEPLOYED_ENVIRONMENTS.filter((environment) => only === undefined || environment === only);
const bundles = fileURLToPath(new URL('../.local/bundles', import.meta.url));
stateManager(
  app,
  chosen.map((environment) => environmentSettings(environment, processVariables())),
  bundles,
);
app.synth();
