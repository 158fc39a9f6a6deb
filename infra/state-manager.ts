import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundle, handlerFile } from './bundle.ts';
import { FUNCTIONS } from './function-list.ts';
import type { EnvironmentSettings } from './settings.ts';
import { StateManagerStage } from './stage.ts';

/**
 * Puts the environments into an app, with the rules that they are checked against when it is synthesized.
 *
 * @param bundleFolder where the handlers' bundles are written
 */
export function stateManager(
  app: App,
  environments: readonly EnvironmentSettings[],
  bundleFolder: string,
): StateManagerStage[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  bundle(Object.fromEntries(FUNCTIONS.map(({ handler }) => [handler, handlerFile(handler)])), bundleFolder);
  return environments.map((settings) => new StateManagerStage(app, settings, bundleFolder));
}
