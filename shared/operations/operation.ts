import type * as z from 'zod';
import type { Actor } from '../changes/change.ts';
import type { Storage } from '../pipeline/storage.ts';
import type { TrackingTable } from '../pipeline/tracking-table.ts';
import type { ProjectionTable } from '../projection/projection-table.ts';

/** What an operation works on. */
export interface OperationContext {
  readonly tracking: TrackingTable;
  readonly projection: ProjectionTable;
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
  /** @throws RequestRefused for what the caller can mend; anything else is a fault */
  run(context: OperationContext, input: unknown): Promise<O>;
}

/** Ties an operation's input schema to the type that its `run` takes. */
export function operation<S extends z.ZodType, O extends object>(definition: {
  name: string;
  description: string;
  input: S;
  run(context: OperationContext, input: z.output<S>): Promise<O>;
}): Operation<O> {
  return { ...definition, run: (context, input) => definition.run(context, input as z.output<S>) };
}

/** 400: the request is wrong; 404: what it names is not there; 409: what it names is not as it would have to be. */
export type RefusalStatus = 400 | 404 | 409;

/** A request that is refused with nothing written: the answer says what to mend. */
export class RequestRefused extends Error {
  constructor(
    readonly statusCode: RefusalStatus,
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'RequestRefused';
  }
}
