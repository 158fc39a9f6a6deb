/**
 * A word of a command line as a shell takes it unchanged: single-quoted where it must be. What is invisible is
 * escaped, as bash and zsh read it.
 */
export function shellWord(word: string): string {
  if (INVISIBLE_WORD.test(word)) return `$'${[...word].map(ansiEscaped).join('')}'`;
  // zsh takes a word that begins with = for a command's path.
  return /^(?!=)[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const INVISIBLE_WORD = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function ansiEscaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (!INVISIBLE_WORD.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  // Bytes below 0x80 are themselves; \u is for characters.
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
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

/** A flag with its value, which may itself begin with `-`. */
export function flagArgs(flag: string, value: string): string[] {
  return value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
}
