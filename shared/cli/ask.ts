import type { Operation, OperationDeps } from '../operations/operation.ts';
import { Refused } from '../text/refused.ts';

/**
 * Asks one operation, as a caller of the service would.
 *
 * @throws Refused for what it refuses
 */
export async function ask<O extends object>(
  service: OperationDeps,
  operation: Operation<O>,
  input: object,
): Promise<O> {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return operation.run(service, parsed.data);
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new Refused('INVALID_INPUT', message, `Fields of ${operation.name} are as documented.`);
}
