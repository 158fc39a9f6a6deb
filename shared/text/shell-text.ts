/** A word of a command line as a shell takes it unchanged: single-quoted where it must be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A runbook's command line, to be copied into a shell. */
export function commandText(name: string, args: readonly string[]): string {
  return [`npx tsx runbooks/${name}.ts`, ...args.map(shellWord)].join(' ');
}

/**
 * What names a file to a runbook. A name that begins with `-` would be read as a flag, so its date goes before it:
 * every runbook that takes a name takes it as `DATE/NAME`, too.
 */
export function fileArgs(date_prefix: string, file_key: string): string[] {
  const name = file_key.startsWith('-') ? `${date_prefix}/${file_key}` : file_key;
  return [name, '--date', date_prefix];
}

/** A flag with its value, which may begin with `-` as well. */
export function flagArgs(flag: string, value: string): string[] {
  return value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
}
