import type { TemplateJson, TemplateResource } from './template-values.ts';

/** A value that a resource takes from another one: `Ref`, or an attribute. */
export interface Reference {
  readonly to: string;
  readonly attribute?: string;
}

/** Every `Ref`, `Fn::GetAtt` and `Fn::Sub` within a value. */
export function referencesIn(value: unknown): Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  const [[kind, argument] = [], ...others] = Object.entries(value);
  if (others.length === 0 && kind === 'Ref') return [{ to: String(argument) }];
  if (others.length === 0 && kind === 'Fn::GetAtt') {
    const [to = '', attribute = ''] = typeof argument === 'string' ? argument.split('.') : argument;
    return [{ to, attribute }];
  }
  if (others.length === 0 && kind === 'Fn::Sub') {
    const texts = [argument].flat().filter((part): part is string => typeof part === 'string');
    return texts.flatMap((text) => [...text.matchAll(/\$\{([\w:]+)(?:\.([\w.]+))?\}/g)]).map(subReference);
  }
  return Object.values(value).flatMap(referencesIn);
}

function subReference([, to = '', attribute]: RegExpExecArray): Reference {
  return attribute === undefined ? { to } : { to, attribute };
}

/** The resources that must exist before this one. */
function dependenciesOf(resource: TemplateResource, { Resources }: TemplateJson): string[] {
  const named = [resource.DependsOn ?? []].flat();
  const used = referencesIn(resource.Properties).map(({ to }) => to);
  return [...new Set([...named, ...used])].filter((id) => id in Resources);
}

/**
 * The resources in an order in which they can be created.
 *
 * @throws Error that names a cycle
 */
export function creationOrder(template: TemplateJson): string[] {
  const order = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (order.has(id)) return;
    if (path.includes(id)) throw new Error(`These depend on each other: ${[...path, id].join(' -> ')}`);
    const { [id]: resource } = template.Resources;
    if (resource) for (const needed of dependenciesOf(resource, template)) visit(needed, [...path, id]);
    order.add(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return [...order];
}

/** All that must exist before a resource, directly or not. */
export function allDependenciesOf(id: string, template: TemplateJson): Set<string> {
  const found = new Set<string>();
  const visit = (from: string): void => {
    const { [from]: resource } = template.Resources;
    for (const needed of resource ? dependenciesOf(resource, template) : []) {
      if (found.has(needed)) continue;
      found.add(needed);
      visit(needed);
    }
  };
  visit(id);
  return found;
}
