import * as z from 'zod';
import { command, type RunContext } from '../shared/cli/command.ts';
import { DATE_TEXTS, date } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { findFile } from '../shared/cli/find-file.ts';
import { fieldText, limitOf, listFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { DataFinding } from '../shared/data-proof/data-finding.ts';
import { keepProof, proofOf } from '../shared/data-proof/kept-proof.ts';
import { isLasting, keepLines, keepReadings, loadKeptRows } from '../shared/data-proof/kept-rows.ts';
import { filledManifests, onlyOf, proofView } from '../shared/data-proof/proof-view.ts';
import { sumOutputs } from '../shared/data-proof/read-outputs.ts';
import { surplusObjects } from '../shared/data-proof/surplus.ts';
import {
  type DateVerification,
  fileCount,
  type VerifyState,
  verifyStart,
  verifyStep,
} from '../shared/data-proof/verify-date.ts';
import { verifyManifests } from '../shared/data-proof/verify-manifests.ts';
import { consistencyGrace, graceMillisOf } from '../shared/operations/inputs.ts';
import { DATE_FORM, dateOfName } from '../shared/pipeline/names.ts';
import { readRecord } from '../shared/pipeline/tracking-table.ts';
import { proofExpiry } from '../shared/reports/proofs.ts';
import { countOf, grouped, sizeText } from '../shared/text/number-text.ts';
import { resolveDate } from '../shared/text/time.ts';
import { FINDING_COLUMNS, noteManifests, noteProof, noteSurplus } from './views/proof-lines.ts';

const flags = z
  .object({
    what: z.string().min(1).describe('What to verify').meta({
      allowed: 'a date as YYYY-MM-DD, today or yesterday; a file; or the name of a manifest',
      suggestions: DATE_TEXTS.suggestions,
    }),
    date: date.describe('Its date, if its name has none').meta({ alias: 'date-prefix' }),
    lines: z.boolean().default(false).describe('Count the lines of all inputs that still exist'),
    sample: z.int().min(1).optional().describe('Count the lines of this many inputs, chosen at random'),
    keep: z
      .boolean()
      .default(false)
      .describe('Keep what was read and proved in the projection, so that it is not read again'),
    grace: consistencyGrace.describe(fieldText(consistencyGrace)),
    ...listFlags,
  })
  .refine(({ lines, sample }) => !lines || sample === undefined, {
    path: ['sample'],
    error: 'allowed: not together with --lines, which counts the lines of all',
  })
  .refine(({ what, date }) => !isDate(what) || date === undefined, {
    path: ['date'],
    error: 'allowed: only with a file or a manifest',
  });

function isDate(what: string): boolean {
  return DATE_FORM.test(what) || what === 'today' || what === 'yesterday';
}

type Context = RunContext<z.output<typeof flags>>;

export const verifyData = command({
  name: 'verify-data',
  description: 'Checks the rows of the output to find files of a date that are lost, doubled or short',
  flags,
  positional: 'what',
  buckets: true,
  examples: [
    ['yesterday --env local', 'whether all completed files of yesterday are in the output, each once'],
    ['2026-11-22 --lines', 'the same, and whether all of their lines are there: reads the inputs, too'],
    ['2026-11-22 --sample 300', 'the same for 300 files chosen at random'],
    ['2026-11-22-x.ndjson', 'one file: lines in, rows out'],
    ['batch-0001-20261122-052254.json', 'the files of one manifest, and what its job said'],
  ],
  async run(context) {
    const given = await prepare(context);
    await tellCost(context, given);
    const read = await readAll(context, given);
    if (!read) return;
    const collected: Collected = { state: read, findings: [], counted: [], isLast: false };
    const limit = limitOf(context.flags, context.output.form);
    const rows = findings(context, given, collected);
    await printList(context, { things: 'findings', columns: FINDING_COLUMNS, rows, limit });
    await tellRest(context, given, collected);
  },
});

/** The date, and which of its records are asked for. */
async function prepare(context: Context): Promise<DateVerification> {
  const { flags: asked, deps, now } = context;
  const { what } = asked;
  const isWhole = isDate(what);
  const manifest = !isWhole && /^MANIFEST#|\.json$/.test(what) ? what : undefined;
  const day = isWhole ? what : (asked.date ?? dateOfName(what) ?? dayInManifest(what) ?? 'today');
  const date_prefix = resolveDate(day, now);
  const isFile = !isWhole && manifest === undefined;
  const record = isFile
    ? await findFile(context, { file: what, date: asked.date }, (key) => readRecord(deps.tracking, key))
    : undefined;
  return {
    ...deps,
    date: record?.date_prefix ?? date_prefix,
    graceMillis: graceMillisOf(asked.grace, deps.profile),
    lineShare: asked.lines || isFile ? 1 : 0,
    only: onlyOf(record, manifest),
    kept: await loadKeptRows(deps.projection, record?.date_prefix ?? date_prefix),
    meter: { requests: 0, bytes: 0 },
  };
}

/** `batch-0001-20261122-052254.json` */
function dayInManifest(name: string): string | undefined {
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})-\d{6}/.exec(name) ?? [];
  return year && `${year}-${month}-${day}`;
}

/** Listing costs one request per thousand objects; the cost of the rest is shown before it arises. */
async function tellCost({ note, flags: { lines, sample } }: Context, given: DateVerification) {
  const { objects, bytes, known } = await sumOutputs(given, given.date, given.kept.known);
  const unread = objects - known;
  note(
    `${given.date}: ${countOf(objects, 'output object')}, ${sizeText(bytes / 1_048_576)}; ${grouped(known)} already known. ` +
      `The footer and one column of the other ${grouped(unread)} will be read, in about ${grouped(unread * 3)} requests.`,
  );
  if (lines) note('Every input of the date that still exists will be read in full.');
  if (sample) note(`About ${grouped(sample)} inputs will be read in full.`);
}

/** @returns undefined when it was interrupted */
async function readAll(
  { progress, interrupted, note, flags: { keep }, deps }: Context,
  given: DateVerification,
) {
  const bar = progress('objects');
  let state = verifyStart();
  while (state.listing && !interrupted.aborted) {
    const before = state.readings.length;
    ({ state } = await verifyStep(given, state));
    if (keep) {
      const read = state.readings
        .slice(before)
        .filter((reading) => isLasting(reading) && !given.kept.known(reading.object));
      await keepReadings(
        deps.projection,
        given.date,
        read,
        proofExpiry(given.now, given.profile.records.settled_days),
      );
    }
    bar.update(state.readings.length);
  }
  bar.end();
  if (!state.listing) return state;
  note(
    `Interrupted after ${grouped(state.readings.length)} objects${keep ? ', which are kept: run it again to continue' : ''}.`,
  );
  return undefined;
}

/** What was compared so far. */
interface Collected {
  state: VerifyState;
  readonly findings: DataFinding[];
  readonly counted: (readonly [id: string, lines: number])[];
  isLast: boolean;
}

/** The findings page by page; called again, it continues. */
async function* findings(
  { flags: { sample }, interrupted }: Context,
  given: DateVerification,
  collected: Collected,
): AsyncGenerator<DataFinding, void> {
  const lineShare = sample ? sample / Math.max(1, fileCount(collected.state)) : given.lineShare;
  while (!collected.isLast && !interrupted.aborted) {
    const step = await verifyStep({ ...given, lineShare }, collected.state);
    collected.state = step.state;
    collected.findings.push(...step.findings);
    collected.counted.push(...step.counted.map(({ id, lines }) => [id, lines] as const));
    collected.isLast = step.isLast;
    yield* step.findings;
  }
}

/** Compares what is left after a list that was cut short, and prints the totals. */
async function tellRest(context: Context, given: DateVerification, collected: Collected): Promise<void> {
  for await (const _ of findings(context, given, collected));
  const { note, deps } = context;
  if (context.flags.keep) await keep(context, given, collected);
  if (!collected.isLast) return;
  const { state } = collected;
  noteProof(note, given, proofView(state));
  noteManifests(note, await verifyManifests(deps, filledManifests(state)));
  noteSurplus(context, surplusObjects(collected.findings, state.readings));
}

/** Keeps the proof beyond the life of inputs and manifests if the whole date was read; counted lines in any case. */
async function keep(
  { deps }: Context,
  given: DateVerification,
  { state, findings, counted, isLast }: Collected,
) {
  const expires = proofExpiry(given.now, given.profile.records.settled_days);
  await keepLines(deps.projection, given.date, counted, expires);
  if (!isLast || given.only) return;
  await keepProof(deps.projection, proofOf(given, state), findings, expires);
}

await main(import.meta, verifyData);
