import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { StateManagerStage } from '../../infra/app.ts';
import { functionsOf } from '../../infra/functions/all.ts';
import { type EnvironmentSettings, environmentSettings } from '../../infra/settings.ts';

/**
 * All constructs of prod, which has schedules, with some settings changed; nothing is bundled or synthesized.
 *
 * @param folder where empty bundles and the app's output go
 */
export function prodConstructs(folder: string, changed: Partial<EnvironmentSettings> = {}) {
  const bundles = join(folder, 'bundles');
  const settings = { ...environmentSettings('prod', {}), ...changed };
  for (const { handler } of functionsOf(settings)) {
    mkdirSync(join(bundles, handler), { recursive: true });
    writeFileSync(join(bundles, handler, 'index.mjs'), '');
  }
  const stage = new StateManagerStage(new App({ outdir: join(folder, 'out') }), settings, bundles);
  return { settings, constructs: stage.node.findAll() };
}
