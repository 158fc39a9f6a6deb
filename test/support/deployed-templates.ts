import { environmentSettings } from '../../infra/settings.ts';
import { type Synthesized, synthesizeQuickly } from './synthesized.ts';
import type { TemplateJson, TemplateResource } from './template-values.ts';

export const ENVIRONMENTS = ['dev', 'prod'] as const;
export type DeployedEnvironment = (typeof ENVIRONMENTS)[number];

const known = new Map<DeployedEnvironment, ReturnType<typeof synthesizeOnce>>();

/** What is deployed to an environment. Synthesized once for all test files of a worker. */
export function deployed(environment: DeployedEnvironment): ReturnType<typeof synthesizeOnce> {
  const found = known.get(environment) ?? synthesizeOnce(environment);
  known.set(environment, found);
  return found;
}

function synthesizeOnce(environment: DeployedEnvironment) {
  const { templates, protections, remove } = synthesizeQuickly(environmentSettings(environment, {}));
  remove();
  const [template] = templates;
  if (!template) throw new Error(`Nothing was synthesized for ${environment}.`);
  return { template, isProtected: protections[0] ?? false } satisfies Deployed;
}

interface Deployed {
  readonly template: Synthesized['templates'][number];
  readonly isProtected: boolean;
}

/** The resources of a type, by their ids. */
export function resourcesOf(
  template: TemplateJson,
  type: string,
): [string, TemplateResource['Properties']][] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [[id, Properties ?? {}]] : [],
  );
}
