import type { Deps } from '../aws/deps.ts';
import type { DataFinding } from './data-finding.ts';
import { collectRows, type DateRows } from './date-rows.ts';
import type { KeptRows } from './kept-rows.ts';
import type { ListingCursor } from './output-objects.ts';
import type { ReadMeter } from './ranged-object.ts';
import { outputPlaces, READING_START, readOutputPage } from './read-outputs.ts';
import type { ObjectReading } from './read-sources.ts';
import type { Verification } from './verify-file.ts';
import { VERIFY_START, type VerifyCursor, type VerifyPage, verifyPage } from './verify-page.ts';

/** What a whole verification of a date works on. */
export interface DateVerification
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'random'>,
    Pick<Verification, 'date' | 'graceMillis' | 'lineShare' | 'only' | 'keysPerPage'> {
  readonly kept: KeptRows;
  readonly meter: ReadMeter;
}

/** The progress of a verification. First all output of the date is read, then its records are compared with it. */
export interface VerifyState {
  /** Readings of all objects so far, including stored ones. */
  readonly readings: readonly ObjectReading[];
  readonly passedOver: Readonly<Record<'marker' | 'temporary' | 'empty', number>>;
  /** Where reading continues; undefined when everything was read. */
  readonly listing: ListingCursor | undefined;
  /** Everything that was read, by source, once reading is done. */
  readonly rows: DateRows | undefined;
  /** Where comparing continues; undefined when it is done. */
  readonly compare: VerifyCursor | undefined;
}

/** A step of a verification. */
export interface VerifyStep {
  readonly state: VerifyState;
  readonly findings: readonly DataFinding[];
  readonly counted: VerifyPage['counted'];
  readonly isLast: boolean;
}

const OBJECTS_PER_STEP = 100;

/** @param compare where to continue comparing: output is then listed again, but known objects are not read again */
export function verifyStart(compare: VerifyCursor = VERIFY_START): VerifyState {
  const passedOver = { marker: 0, temporary: 0, empty: 0 };
  return { readings: [], passedOver, listing: READING_START, rows: undefined, compare };
}

/** Does the next step. An interrupted step is simply done again: it writes nothing. */
export async function verifyStep(given: DateVerification, state: VerifyState): Promise<VerifyStep> {
  if (state.listing) return { ...NOTHING, state: await readStep(given, state, state.listing) };
  const { kept, ...deps } = given;
  const rows = state.rows ?? collectRows(given.date, state.readings);
  const verification: Verification = { ...deps, rows, knownLines: kept.lines };
  const page = await verifyPage(verification, state.compare ?? VERIFY_START);
  const compare = page.next ?? { after: '', totals: page.totals };
  const { findings, counted } = page;
  return { findings, counted, isLast: !page.next, state: { ...state, rows, compare } };
}

const NOTHING = { findings: [], counted: [], isLast: false };

async function readStep(
  given: DateVerification,
  state: VerifyState,
  listing: ListingCursor,
): Promise<VerifyState> {
  const { kept, meter, date } = given;
  const settings = { meter, known: kept.known, objectsPerPage: OBJECTS_PER_STEP };
  const page = await readOutputPage(given, outputPlaces(date, given), listing, settings);
  const passedOver = {
    marker: state.passedOver.marker + page.passedOver.marker,
    temporary: state.passedOver.temporary + page.passedOver.temporary,
    empty: state.passedOver.empty + page.passedOver.empty,
  };
  return { ...state, passedOver, readings: [...state.readings, ...page.readings], listing: page.next };
}

/** Files whose rows were read; a file in several objects is counted several times. */
export function fileCount({ readings }: Pick<VerifyState, 'readings'>): number {
  return readings.reduce((sum, reading) => sum + (reading.state === 'read' ? reading.sources.length : 0), 0);
}
