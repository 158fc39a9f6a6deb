/**
 * How the texts of a command are written, so that all of them read the same:
 *
 * - A description is one line that says what the command shows or does. It has no full stop.
 * - A flag's text begins with a capital letter and is one short sentence without a full stop: what the flag does
 *   ("Show all rows, even in table output") or what it is ("The AWS profile whose credentials to use"). What it
 *   takes comes from its schema and is not repeated.
 * - A default that is not a constant stands in parentheses at the end: "(default: the last 31)".
 * - An example says in lower case what it shows or does: "resets them, after confirmation".
 * - An error says what was received, what is allowed, and, on a line of its own, what to do next.
 * - The next command is printed whole, to be copied, after "To …:" ("To undo: npx tsx …").
 * - Sentences are short and active, in the words of docs/glossary.md and of AWS. Where a write was possible and did not
 *   happen, the message says "Nothing was written."
 * - Data goes to standard output, everything else to standard error. A command never ends without a message.
 */
import type * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import type { Variables } from '../aws/process-environment.ts';
import type { OperationDeps } from '../operations/operation.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { ExitCode } from '../text/refused.ts';
import type { Output } from './output.ts';
import type { Target } from './target.ts';
import type { InputStream, OutputStream, Progress } from './terminal.ts';

/** The schema of each flag; `olderThan` is typed `--older-than`. */
export type FlagShape = Readonly<Record<string, z.ZodType>>;

/** A runbook, as its file in `runbooks/` defines it. */
export interface Command<S extends FlagShape = FlagShape> {
  /** The name of its file. */
  readonly name: string;
  /** One line for people who look for it. */
  readonly description: string;
  /** Described with `.describe()`; rules between flags with `.refine()`, its error beginning `allowed: `. */
  readonly flags: z.ZodObject<S>;
  /** The flag that one word without a flag stands for. */
  readonly positional?: keyof S & string;
  /** Whether it reads the pipeline's buckets: the client for them is loaded only then. */
  readonly buckets?: boolean;
  /** Flags as typed, and what they do. The first one works on this machine. */
  readonly examples: readonly (readonly [flags: string, effect: string])[];
  /** @returns the exit code, where that is not 0 */
  run(context: RunContext<z.output<z.ZodObject<S>>>): Promise<ExitCode | undefined>;
}

/** Ties the flags of a command to what its `run` takes. Nothing runs until `runCommand` is called. */
export function command<S extends FlagShape>(definition: Command<S>): Command<S> {
  return definition;
}

/** Ctrl-C, or another signal to stop. */
export interface Interrupt {
  /** Aborted at the first Ctrl-C: work in progress is finished, and nothing more is begun. */
  readonly signal: AbortSignal;
  /** The exit code, once a signal has come: 130 for Ctrl-C. */
  exitCode(): number | undefined;
}

/** How a command was called: everything that it would otherwise take from its process. */
export interface Invocation {
  /** The words after the command's name. */
  readonly argv: readonly string[];
  readonly env: Variables;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly interrupt: Interrupt;
}

/** What a runbook works on: what operations do, and all else that depends on the outside. */
export type CommandDeps = Deps & OperationDeps;

/** What a runbook works with. */
export interface RunContext<F = unknown> {
  readonly flags: F;
  readonly target: Target;
  /** What this command is configured by, as a deployed handler is by its variables. */
  readonly variables: Variables;
  readonly deps: CommandDeps;
  readonly stdin: InputStream;
  readonly output: Output;
  /** Prints a line that is not data, on standard error. */
  note(text: string): void;
  /** A bar on standard error; `total` is undefined when it is not known. */
  progress(label: string, total?: number): Progress;
  /**
   * Asks to confirm a write, unless the command line has confirmed it already.
   *
   * @param what completes "… in table T?", such as `Clear 3 locks`; a function is called only if somebody is asked
   * @throws Refused when it is not confirmed
   */
  confirm(what: string | (() => Promise<string>)): Promise<void>;
  /** This same command line with more flags, for a person to copy. */
  again(more: readonly string[]): string;
  /** The same with more flags, but without those that let it write. */
  look(more: readonly string[]): string;
  /** From here on `again` and `look` have this file's whole name, in place of the part of it that was typed. */
  nameFile(part: string, file: RecordKey): void;
  /** The command line of a runbook on the same target, for a person to copy. */
  commandLine(name: string, args: readonly string[]): string;
  /** The same for somebody else, who has a profile of their own. */
  othersLine(name: string, args: readonly string[]): string;
  /** Where it works: the account of its credentials and the region of its client. */
  readonly where: { readonly account: string; readonly region: string };
  /** What leads a command to the same target, besides `--env`: a variable before it, flags after it. */
  readonly aim: {
    readonly before: readonly string[];
    readonly after: readonly string[];
    /** For commands of the AWS CLI. */
    readonly profile: string | undefined;
  };
  /** Makes the command lines in an answer's text, which knows no target, lead to this one. */
  aimed(text: string): string;
  /** Aborted by Ctrl-C: finish work in progress, print what was done. */
  readonly interrupted: AbortSignal;
  /** Milliseconds since the epoch, read once. */
  readonly now: number;
}
