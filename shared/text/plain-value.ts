import { visibleJson } from './visible-text.ts';

/**
 * What the document client reads from a table, as JSON has it: sets are lists, bytes are base64, and what a number
 * cannot hold is text. For operations, runbooks and the page alike, so that they show the same.
 */
function plainValue(value: unknown): unknown {
  if (value instanceof Set) return [...value].map(plainValue);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plainValue);
  return isPlainObject(value) ? plainValues(value) : value;
}

/** The same of each attribute of a record. */
export function plainValues(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plainValue(value)]));
}

/** A value as JSON text. */
export function jsonText(value: unknown, indent?: number): string {
  return visibleJson(JSON.stringify(plainValue(value), undefined, indent));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
