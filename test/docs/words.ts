/** Words in capitals are placeholders; variables such as `AWS_PAGER=` are not. */
const PLACEHOLDER = /(?<!\w)[A-Z]{4,}(?![\w=])/g;

/** Ids that an earlier command printed. */
const TOLD: Readonly<Record<string, RegExp>> = {
  CHANGE: /^Change (\S+): /gm,
  UNDO: /^Change (\S+): /gm,
  REBUILD: /^Rebuild (\S+)\.$/gm,
};

/** Values for commands that are only checked. */
export const SAMPLE_WORDS: Readonly<Record<string, string>> = {
  FILE: '2026-11-23-x.ndjson',
  DATE: '2026-11-23',
  CHANGE: '20261123T052253532Z-1a2b3c4d',
  UNDO: '20261123T052253532Z-1a2b3c4d',
  REBUILD: '20261123T052253532Z-1a2b3c4d',
  LETTER: 'dead-letters/2026-11-23/1.json',
  PLAN: 's3://bucket/plan.ndjson',
  DIGEST: 'a'.repeat(64),
  NAME: 'batch-0001-20261123-052254.json',
};

/**
 * A command with its placeholders filled in and its question answered.
 *
 * @param words what the placeholders stand for
 * @param said the output of earlier commands
 * @throws Error if a placeholder has no value
 */
export function completed(command: string, words: Readonly<Record<string, string>>, said = ''): string {
  const filled = command.replace(PLACEHOLDER, (word) => {
    const known = words[word] ?? told(word, said);
    if (known === undefined) throw new Error(`What is ${word} in "${command}"?`);
    return known;
  });
  return filled.replace(/ --apply(?!.* --yes)/, ' --apply --yes');
}

function told(word: string, said: string): string | undefined {
  const pattern = TOLD[word];
  return pattern && [...said.matchAll(pattern)].at(-1)?.[1];
}
