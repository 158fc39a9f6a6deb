import { type Operation, type OperationContext, RequestRefused } from '../operations/operation.ts';

/**
 * Asks one operation, as a caller of the service would.
 *
 * @throws RequestRefused for what it refuses
 */
export async function ask<O extends object>(
  service: OperationContext,
  operation: Operation<O>,
  input: object,
): Promise<O> {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return operation.run(service, parsed.data);
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new RequestRefused(400, 'INVALID_INPUT', message, `Fields of ${operation.name} are as documented.`);
}
