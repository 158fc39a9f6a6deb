import { pages } from '../flow/pages.ts';
import { checkInput } from '../operations/answer.ts';
import type { Operation, OperationDeps } from '../operations/operation.ts';

/**
 * Asks one operation, as a client of the service would.
 *
 * @throws Refused for what it refuses
 */
export async function ask<O extends object>(
  deps: OperationDeps,
  operation: Operation<O>,
  input: object,
): Promise<O> {
  return operation.run(deps, checkInput(operation, input));
}

/** Asks again with each `next_token`, as long as somebody reads: one answer after the other. */
export async function* askPages<O extends { readonly next_token?: string }>(
  deps: OperationDeps,
  operation: Operation<O>,
  input: object,
): AsyncGenerator<O, void> {
  const load = async (next_token: string | undefined) => {
    const answer = await ask(deps, operation, { ...input, next_token });
    return { answer, next: answer.next_token };
  };
  for await (const { answer } of pages(load)) yield answer;
}
