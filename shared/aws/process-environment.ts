import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables this process was started with; empty ones count as not set. */
export function processVariables(): Record<string, string> {
  const set = Object.entries(process.env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(set);
}

/**
 * Lambda runs Node 24; a warning about the older Node here would not help whoever runs a command. The SDK reads this
 * variable from the process itself, so it can be set nowhere else.
 */
export function silenceNodeVersionWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}

/**
 * Whether a module is the file that this process was started with, even through a link or without its extension.
 *
 * @param moduleUrl its `import.meta.url`
 */
export function isEntry(moduleUrl: string, started = process.argv[1]): boolean {
  if (started === undefined) return false;
  const file = fileURLToPath(moduleUrl);
  return [started, `${started}.ts`].some((path) => realPathOf(path) === realPathOf(file));
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
