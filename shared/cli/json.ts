/** A value as JSON; what the document client reads from a table is made plain: sets are lists, bytes base64. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, plainValue, indent);
}

function plainValue(_name: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}
