import { failureClass } from '../../shared/pipeline/failure-class.ts';

/**
 * What two programs stored, so that it can be compared. Where the rules for classes of failures have changed since,
 * each has ids of its own for the same classes: then their words alone are left of them.
 *
 * @param recorded what former programs stored, as text
 */
export function comparerOf(recorded: readonly string[]): <T>(stored: T) => T {
  const ids = [failureClass('').id, ...recorded];
  const versions = new Set(ids.flatMap((text) => text.match(/(?<=[a-z])-\d+(?=-[0-9a-f]{6}\b)/g) ?? []));
  if (versions.size === 1) return (stored) => stored;
  return (stored) => JSON.parse(JSON.stringify(stored).replace(/(?<=[a-z])-\d+-[0-9a-f]{6}\b/g, ''));
}
