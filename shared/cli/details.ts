import { padTo } from '../text/width.ts';
import type { Paint } from './paint.ts';

/** Names and values under each other; values are never cut. */
export function detailLines(
  details: readonly (readonly [name: string, value: string])[],
  paint: Paint,
): string[] {
  const width = Math.max(...details.map(([name]) => name.length));
  return details.map(([name, value]) => `${paint('dim', padTo(name, width))}  ${value}`);
}
