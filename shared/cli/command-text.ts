import { shellWord } from '../text/shell-text.ts';
import { flagName } from './flag-values.ts';
import type { TargetFlags } from './target.ts';

/** A runbook's command line, to be copied into a shell. */
export function commandText(name: string, args: readonly string[]): string {
  return [`npx tsx runbooks/${name}.ts`, ...args.map(shellWord)].join(' ');
}

/** The flags that lead to the same target, as they were typed. */
export function targetArguments(flags: TargetFlags): string[] {
  const { env, table, projectionTable, profile, region, endpointUrl } = flags;
  const typed = { env, table, projectionTable, profile, region, endpointUrl };
  return Object.entries(typed).flatMap(([name, value]) => (value ? [`--${flagName(name)}`, value] : []));
}
