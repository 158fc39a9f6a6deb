import { environmentSettings } from '../../infra/settings.ts';
import { type Synthesized, synthesizeQuickly } from './synthesized.ts';
import type { TemplateJson, TemplateResource } from './template-values.ts';

export const ENVIRONMENTS = ['dev', 'prod'] as const;
export type DeployedEnvironment = (typeof ENVIRONMENTS)[number];

const PROD_TRACKING_TABLE_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/the-pipelines';
/** The stream of the pipeline's table, which prod reads. */
export const STREAM_ARN = `${PROD_TRACKING_TABLE_ARN}/stream/2026-11-23T05:22:46.000`;
const VARIABLES = {
  DEV_ALARM_EMAIL: 'ops@example.com',
  PROD_TRACKING_TABLE_ARN,
  PROD_TRACKING_STREAM_ARN: STREAM_ARN,
};

const known = new Map<DeployedEnvironment, ReturnType<typeof synthesizeOnce>>();

/** The template of an environment. Synthesized once for all test files of a worker. */
export function deployed(environment: DeployedEnvironment): ReturnType<typeof synthesizeOnce> {
  const found = known.get(environment) ?? synthesizeOnce(environment);
  known.set(environment, found);
  return found;
}

function synthesizeOnce(environment: DeployedEnvironment) {
  const { templates, protections, remove } = synthesizeQuickly(environmentSettings(environment, VARIABLES));
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

/** The properties of each resource of a type. */
export function propertiesOf(template: TemplateJson, type: string): TemplateResource['Properties'][] {
  return resourcesOf(template, type).map(([, properties]) => properties);
}

/** The properties of the only resource of a type. @throws Error if there is not exactly one */
export function onlyOf(template: TemplateJson, type: string): TemplateResource['Properties'] {
  const [found, ...others] = propertiesOf(template, type);
  if (!found || others.length > 0) throw new Error(`There are ${others.length + (found ? 1 : 0)} ${type}.`);
  return found;
}
