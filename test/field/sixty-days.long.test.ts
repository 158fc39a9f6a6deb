/** @module-tag long */
import { writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { type Played, type PlayOptions, play } from './play.ts';
import { idOfFile } from './rules.ts';
import { proofPage, rowsOf } from './table.ts';
import type { Mistake } from './watch.ts';

const isProof = process.env.WRITE_PROOF !== undefined;
/** Sixty days take minutes, since every sweep asks for every date: `npm run proof` has them, a long run of the tests few. */
const days = Number(process.env.FIELD_DAYS ?? (isProof ? 60 : 14));
const seed = Number(process.env.FIELD_SEED ?? 1);
const OPTIONS: Omit<PlayOptions, 'version'> = {
  days,
  filesPerDay: 10,
  roundDays: 8,
  sweepHours: 6,
  seed,
  maxFiles: 4,
};
/** A play that is cut off would go on, and set the time of the next one. */
const HANGING_MILLIS = 3_600_000;
const PAGE = new URL('../../docs/proof.md', import.meta.url);

const plays: Played[] = [];

afterAll(async () => {
  if (isProof && plays.length === 2) await writeFile(PAGE, proofPage(plays, days));
});

test.each(['A', 'B'] as const)(
  'in days of version %s every fault is reported within its limits, and nothing else is, whatever has expired',
  async (version) => {
    const played = await play({ ...OPTIONS, version });
    expect(played.mistakes.map(describeMistake), `FIELD_SEED=${seed}`).toEqual([]);
    const planted = new Set(rowsOf(played).map(({ fault }) => fault));
    // A play in which little happens proves nothing.
    expect(planted.size).toBeGreaterThan(isProof ? 23 : 15);
    expect(rowsOf(played).some(({ fixed }) => fixed > 0)).toBe(true);
    if (isProof) expect(played.unverifiable).toBeGreaterThan(0);
    plays.push(played);
  },
  HANGING_MILLIS,
);

/** All that is needed to see why: the file with what happened to it, and what was told of it. */
function describeMistake({ nowMillis, what, file, told, detail }: Mistake): string {
  const at = (millis = 0) => new Date(millis).toISOString();
  const truth = file && [
    `${idOfFile(file)} is ${file.expected}, ${file.status} since ${at(file.statusMillis)}, input ${file.input}`,
    `happened: ${file.faults.map(({ fault, atMillis }) => `${fault} ${at(atMillis)}`).join(', ') || 'nothing'}`,
    `uploads ${file.uploads.length}, conversions ${file.conversions.map(({ manifestUri, upload, atMillis }) => `${upload} by ${manifestUri} ${at(atMillis)}`).join(', ') || 'none'}`,
    file.operated && `an operator made it ${file.operated.status} ${at(file.operated.atMillis)}`,
  ];
  const said = told && [
    `told: ${told.date_prefix} ${told.file_key} ${told.kind} ${told.cause} (${told.change})`,
    told.summary,
    ...(told.evidence ?? []).map(({ about, found, detail }) => `${about}: ${found}, ${detail}`),
  ];
  return [`${what} at ${at(nowMillis)}`, ...(truth ?? []), ...(said ?? []), detail]
    .filter(Boolean)
    .join('; ');
}
