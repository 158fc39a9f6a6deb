import type * as z from 'zod';
import type { Storage, Table } from '../aws/deps.ts';
import type { Actor } from '../changes/change.ts';

/** What an operation works on. */
export interface OperationDeps {
  readonly tracking: Table;
  readonly projection: Table;
  /** The pipeline's buckets, for checks that look into them. */
  readonly storage: Storage;
  /** Milliseconds since the epoch, read once per request. */
  readonly now: number;
  /** Who asks: named in every change. */
  readonly actor: Actor;
  /** An id for a new change. */
  newId(): string;
  sleep(millis: number): Promise<unknown>;
  /** Aborted when it is time to finish what is under way and to answer. */
  readonly signal: AbortSignal;
}

/** One operation of the service, independent of all others. */
export interface Operation<O extends object = object> {
  /** What the request names it by. */
  readonly name: string;
  /** One line for help texts. */
  readonly description: string;
  readonly input: z.ZodType;
  /** @throws Refused for what the caller can fix; anything else is a fault */
  run(deps: OperationDeps, input: unknown): Promise<O>;
}

/** Ties an operation's input schema to the type that its `run` takes. */
export function operation<S extends z.ZodType, O extends object>(definition: {
  name: string;
  description: string;
  input: S;
  run(deps: OperationDeps, input: z.output<S>): Promise<O>;
}): Operation<O> {
  return { ...definition, run: (deps, input) => definition.run(deps, input as z.output<S>) };
}
