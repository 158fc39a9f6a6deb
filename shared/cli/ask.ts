import { pages } from '../flow/pages.ts';
import { checkInput } from '../operations/answer.ts';
import type { Operation, OperationDeps } from '../operations/operation.ts';
import { Refused, usageError } from '../text/refused.ts';

/**
 * Asks one operation, as a client of the service would.
 *
 * @throws Refused when the operation refuses
 */
export async function ask<O extends object>(
  deps: OperationDeps,
  operation: Operation<O>,
  input: object,
): Promise<O> {
  return operation.run(deps, checkedInput(operation, input));
}

/** An operation's refusal of a field, in the words of a command line. */
function checkedInput<O extends object>(operation: Operation<O>, input: object): unknown {
  try {
    return checkInput(operation, input);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'INVALID_INPUT') throw error;
    const message = error.message.replace(
      /"([a-z_]+)": received/g,
      (_, field: string) => `${flagOf(field)}: received`,
    );
    throw usageError(message, 'Run the command with --help to see what it takes.');
  }
}

function flagOf(field: string): string {
  return `--${field.replaceAll('_', '-')}`;
}

/** Asks again with each `next_token`, for as long as somebody reads: one answer after another. */
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
