import * as z from 'zod';
import { issueText } from '../text/issue-text.ts';
import type { Problem } from './check-settings.ts';
import { environmentFile } from './environment-schema.ts';

/** Part of the settings, and where it comes from. */
export interface Layer {
  /** A file's name, or a variable's. */
  readonly source: string;
  readonly value: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/** Properties that are replaced as a whole: what belongs to one form of them is wrong in another. */
const WHOLE: readonly string[] = ['auto_heal'];

/** Merges later layers over earlier ones, object by object; lists and everything else are replaced. */
export function merged(layers: readonly Layer[]): unknown {
  return layers.reduce<unknown>((under, { value }) => mergedValue(under, value), {});
}

function mergedValue(under: unknown, over: unknown): unknown {
  if (!isValues(under) || !isValues(over)) return over;
  const names = Object.keys(over);
  return {
    ...under,
    ...Object.fromEntries(
      names.map((name) => [name, WHOLE.includes(name) ? over[name] : mergedValue(under[name], over[name])]),
    ),
  };
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A problem with the source of the value, its place there, and what was received.
 *
 * @param first the source to name for a value that is missing everywhere
 */
export function blamed(
  { path, message }: Problem,
  layers: readonly Layer[],
  value: unknown,
  first: string,
): string {
  const source = sourceOf(path, layers) ?? first;
  const received = valueAt(value, path);
  const what = received === undefined ? 'nothing' : JSON.stringify(received);
  return `${[source, ...(path.length > 0 ? [pathText(path)] : [])].join(': ')}: received ${what}, ${message}.`;
}

/** Where a value comes from, or where it is missing. */
function sourceOf(path: readonly PropertyKey[], layers: readonly Layer[]): string | undefined {
  if (path.length === 0) return layers.findLast(({ value }) => !isValues(value))?.source;
  const found = layers.findLast(({ value }) => valueAt(value, path) !== undefined);
  return found?.source ?? sourceOf(path.slice(0, -1), layers);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Values | undefined | null)?.[String(name)], value);
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((name) => (typeof name === 'number' ? `[${name}]` : `.${String(name)}`))
    .join('')
    .replace(/^\./, '');
}

/** An issue of the schema as problems: each unknown name is a problem of its own, with the allowed names. */
export function unknownNames(issue: z.core.$ZodIssue): Problem[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issueText(issue) }];
  const allowed = Object.keys(schemaAt(path).properties ?? {}).filter((name) => name !== '$schema');
  const message = `which is unknown${allowed.length > 0 ? `; allowed: ${allowed.join(', ')}` : ''}`;
  return issue.keys.map((key) => ({ path: [...path, key], message }));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function schemaAt(path: readonly PropertyKey[]): Schema {
  const whole = z.toJSONSchema(environmentFile, { io: 'input' }) as Schema;
  return path.reduce<Schema>((schema, name) => schema.properties?.[String(name)] ?? {}, whole);
}
