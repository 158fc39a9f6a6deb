import type * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import type { ApprovalRule } from '../changes/approval-rule.ts';
import type { Actor } from '../changes/change.ts';

/** What an operation works on. */
export interface OperationDeps
  extends Pick<
    Deps,
    | 'tracking'
    | 'projection'
    | 'storage'
    | 'profile'
    | 'now'
    | 'clock'
    | 'sleep'
    | 'signal'
    | 'remainingMillis'
  > {
  /** Who asks: named in every change. */
  readonly actor: Actor;
  /** Which changes need approval by somebody else; undefined where none does. */
  readonly approval: ApprovalRule | undefined;
  /** An id for a new change. */
  newId(): string;
  /**
   * Lets the service continue by itself a plan or a change that is larger than one invocation, until it is done. Left
   * out where nothing can do that: then the caller continues it. Under one name it is begun only once.
   */
  readonly goOn?: ((changeId: string, name?: string) => Promise<void>) | undefined;
}

/**
 * One operation of the service, independent of all others. A caller that knows which one it is, such as a view
 * of the dashboard, calls its `run` directly, with only what it works on. One that knows only its name goes
 * through `answer`.
 *
 * @typeParam O what it answers
 * @typeParam I what its schema makes of a request: `run` is called with nothing else
 * @typeParam D what it works on
 */
export interface Operation<O extends object = object, I = unknown, D = OperationDeps> {
  /** What the request names it by. */
  readonly name: string;
  /** One line for help texts. */
  readonly description: string;
  readonly input: z.ZodType;
  /** Whether it can write, to files or to its own audit; if left out, it only reads. */
  readonly writes?: boolean;
  /** @throws Refused for what the caller can fix; any other error is a fault */
  run(deps: D, input: I): Promise<O>;
}

/** Ties an operation's input schema to the type that its `run` takes. */
export function operation<S extends z.ZodType, O extends object, D = OperationDeps>(definition: {
  name: string;
  description: string;
  input: S;
  writes?: boolean;
  run(deps: D, input: z.output<S>): Promise<O>;
}): Operation<O, z.output<S>, D> {
  return definition;
}
