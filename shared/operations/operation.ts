import type * as z from 'zod';
import type { TrackingTable } from '../files/tracking-table.ts';
import type { ProjectionTable } from '../projection/projection-table.ts';

/** What an operation works on. */
export interface OperationContext {
  readonly tracking: TrackingTable;
  readonly projection: ProjectionTable;
  /** Milliseconds since the epoch, read once per request. */
  readonly now: number;
}

/** One operation of the service, independent of all others. */
export interface Operation {
  /** What the request names it by. */
  readonly name: string;
  /** One line for help texts. */
  readonly description: string;
  readonly input: z.ZodType;
  /** @throws RequestRefused for what the caller can mend; anything else is a fault */
  run(context: OperationContext, input: unknown): Promise<object>;
}

/** Ties an operation's input schema to the type that its `run` takes. */
export function operation<S extends z.ZodType>(definition: {
  name: string;
  description: string;
  input: S;
  run(context: OperationContext, input: z.output<S>): Promise<object>;
}): Operation {
  return { ...definition, run: (context, input) => definition.run(context, input as z.output<S>) };
}

/** A request that is refused with nothing written: the answer says what to mend. */
export class RequestRefused extends Error {
  constructor(
    readonly statusCode: 400 | 404,
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'RequestRefused';
  }
}
