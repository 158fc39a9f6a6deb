import type * as z from 'zod';
import type { OperationDeps } from '../operations/operation.ts';
import type { ExitCode } from '../text/refused.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { Target } from './target.ts';

/** The schema of each flag; `olderThan` is typed `--older-than`. */
export type FlagShape = Readonly<Record<string, z.ZodType>>;

/** A runbook: what its file in `runbooks/` says of it. */
export interface Command<S extends FlagShape> {
  /** The name of its file. */
  readonly name: string;
  /** One line for people who look for it. */
  readonly description: string;
  /** Described with `.describe()`; rules between flags with `.refine()`, its error beginning `allowed: `. */
  readonly flags: z.ZodObject<S>;
  /** The flag that one word without a flag stands for. */
  readonly positional?: keyof S & string;
  /** Flags as typed, and what they do. The first one works on this machine. */
  readonly examples: readonly (readonly [flags: string, effect: string])[];
  /** @returns the exit code, where it is not simply done */
  run(context: RunContext<z.output<z.ZodObject<S>>>): Promise<ExitCode | undefined>;
}

/** What a runbook works with. */
export interface RunContext<F> {
  readonly flags: F;
  readonly target: Target;
  /** What operations work on: both tables, the buckets, who asks. */
  readonly service: OperationDeps;
  readonly output: Output;
  /** Says something beside the data: a line on standard error. */
  note(text: string): void;
  /** A bar on standard error; `total` is undefined when it is not known. */
  progress(label: string, total?: number): Progress;
  /**
   * Asks whether a write is wanted, unless the command line said so already.
   *
   * @param what completes "… in table T?", such as `Clear 3 locks`
   * @throws Refused when it is not
   */
  confirm(what: string): Promise<void>;
  /** This very command line with more flags, for a person to copy. */
  again(more: readonly string[]): string;
  /** The command line of a runbook on the same target, for a person to copy. */
  commandLine(name: string, args: readonly string[]): string;
  /** Aborted by Ctrl-C: finish what is under way, print what was done. */
  readonly interrupted: AbortSignal;
  /** Milliseconds since the epoch, read once. */
  readonly now: number;
}
