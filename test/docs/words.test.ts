import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

/** Words that docs/glossary.md has replaced, in code and in texts, and what to write instead. */
const REPLACED: readonly (readonly [old: RegExp, instead: string])[] = [
  [/\bwitness/i, 'evidence, evidence loader'],
  [/\bsighting/i, 'object check'],
  [/\bsuspicion|\bsuspect/i, 'finding'],
  [/\bsettle(s|Millis|Known|ment)?\b/i, 'advance, wait or done; only files are settled'],
  [/\bGapsHealed\b/, 'GapsClosed'],
  [/\b(mend|mends|mended|mending)\b/i, 'fix'],
  [/\bnobody knows\b/i, 'unknown'],
  [/\banew\b/i, 'again'],
  [/\bgone on with\b/i, 'resumed'],
  [/\bneeds? a person\b|\bperson is needed\b/i, 'action needed'],
  [/\breadonly (datePrefix|fileKey)\b|\b(datePrefix|fileKey): (string|[a-z]+\()/, 'date_prefix, file_key'],
  [/\b(RequestRefused|ChangeRefused|RunbookError)\b/, 'Refused'],
  [/\binstanceof Error \? \w+\.message\b/, 'errorText(error)'],
];

const PLACES = /^(shared|handlers|runbooks|infra|docs)\/.*\.(ts|md)$|^README\.md$/;
/** The dictionary and the decisions may mention the old words. */
const EXEMPT = /^docs\/(glossary|decisions)\.md$|^shared\/text\/error-text\.ts$/;

test.each(REPLACED)('no text and no name contains %s', (old, instead) => {
  const relapses = filesIn(PLACES).flatMap((path) =>
    readFileSync(new URL(path, ROOT), 'utf8')
      .split('\n')
      .flatMap((line, i) => (old.test(line) ? [`${path}:${i + 1}: write "${instead}": ${line.trim()}`] : [])),
  );
  expect(relapses).toEqual([]);
});

test('the words are searched for in every folder of the project', () => {
  const folders = new Set(filesIn(PLACES).map((path) => path.split('/')[0]));
  expect([...folders].sort()).toEqual(['README.md', 'docs', 'handlers', 'infra', 'runbooks', 'shared']);
});

function filesIn(places: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return listed.filter((path) => places.test(path) && !EXEMPT.test(path));
}
