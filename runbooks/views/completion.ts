import type { Command, FlagShape } from '../../shared/cli/command.ts';
import { describeFlags, type FlagSchema, flagName } from '../../shared/cli/flag-schema.ts';
import { commonFlags } from '../../shared/cli/flags.ts';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * A script that makes a shell complete `npx tsx runbooks/…`: runbooks, their flags, and the values of flags that
 * have a list of them. Everything else is completed as a file name.
 */
export function completionScript(
  shell: Shell,
  commands: readonly Command[],
  environments: readonly string[],
): string {
  const lines = [
    `# Completes the runbooks of the State Manager in ${shell}. Written by: npx tsx runbooks/run.ts --completion ${shell}`,
    '',
    ...wordsFunction(commands, commonFlags(environments).shape),
    '',
    shell === 'bash' ? BASH : ZSH,
  ];
  return lines.join('\n');
}

/** What both shells share: a function that prints what may come next, one word per line. */
function wordsFunction(commands: readonly Command[], common: FlagShape): string[] {
  const names = commands.map(({ name }) => name);
  const files = [...names, 'run'].map((name) => `runbooks/${name}.ts`);
  return [
    '# $1: the runbook, empty if there is none yet; $2: the word before',
    '_state_manager_words() {',
    '  case "$1 $2" in',
    `    ' tsx') ${printed(files)} ;;`,
    "    ' '*) ;;",
    ...valueCases('*', common),
    ...commands.flatMap(({ name, flags }) => valueCases(`'${name}'`, flags.shape)),
    `    'run --completion') ${printed(SHELLS)} ;;`,
    `    'run '*) ${printed([...names, '--completion', '--help'])} ;;`,
    ...commands.map((command) => `    '${command.name} '*) ${printed(flagsOf(command, common))} ;;`),
    '  esac',
    '}',
  ];
}

/** After a flag that takes a value, its values are completed, and no flags. */
function valueCases(runbook: string, shape: FlagShape): string[] {
  const described = Object.entries(describeFlags(shape)).filter(([, { type }]) => type !== 'boolean');
  const flags = described.map(([flag, schema]) => ({
    pattern: `${runbook}' --${flagName(flag)}'`,
    words: valuesOf(schema),
  }));
  const free = flags.filter(({ words }) => words.length === 0).map(({ pattern }) => pattern);
  return [
    ...flags
      .filter(({ words }) => words.length > 0)
      .map(({ pattern, words }) => `    ${pattern}) ${printed(words)} ;;`),
    ...(free.length > 0 ? [`    ${free.join(' | ')}) ;;`] : []),
  ];
}

function valuesOf({ enum: values, items, suggestions = [] }: FlagSchema): string[] {
  return (values ?? items?.enum ?? suggestions).map(String);
}

function flagsOf({ flags }: Command, common: FlagShape): string[] {
  const names = Object.keys({ ...flags.shape, ...common });
  return [...names.map((name) => `--${flagName(name)}`), '--help'];
}

/** None of these words contains anything that is special to a shell. */
function printed(words: readonly string[]): string {
  return `printf '%s\\n' ${words.join(' ')}`;
}

const FIND_RUNBOOK = `    case $word in
      runbooks/*.ts | */runbooks/*.ts) word=\${word##*/}; runbook=\${word%.ts} ;;
      [a-z]*) if [ "$runbook" = run ]; then runbook=$word; fi ;;
    esac`;

const BASH = `_state_manager() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} runbook= word
  # --flag=value is three words to bash.
  if [ "$current" = = ]; then current=; elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
${FIND_RUNBOOK}
  done
  COMPREPLY=($(compgen -W "$(_state_manager_words "$runbook" "$previous")" -- "$current"))
}
complete -o bashdefault -o default -F _state_manager npx tsx
`;

const ZSH = `_state_manager() {
  local runbook= word
  local -a found
  for word in "\${(@)words[2,CURRENT - 1]}"; do
${FIND_RUNBOOK}
  done
  found=(\${(f)"$(_state_manager_words "$runbook" "\${words[CURRENT - 1]}")"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _state_manager npx tsx
`;
