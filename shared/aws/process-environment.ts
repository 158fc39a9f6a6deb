import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables this process was started with; empty ones count as not set. */
export function processVariables(): Record<string, string> {
  const set = Object.entries(process.env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(set);
}

/**
 * Gives this process other variables, before any client is made. A runbook is configured that way exactly as
 * a deployed handler is, and the SDK reads its own variables as ever.
 */
export function replaceProcessVariables(variables: Variables): void {
  for (const name of Object.keys(process.env)) if (!variables[name]) delete process.env[name];
  Object.assign(process.env, variables);
}

/** Whether this process was started with a module, and did not import it. @param moduleUrl its `import.meta.url` */
export function isStarted(moduleUrl: string): boolean {
  const [, started = ''] = process.argv;
  return existsSync(started) && realpathSync(started) === fileURLToPath(moduleUrl);
}
