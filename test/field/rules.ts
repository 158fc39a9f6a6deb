import type { Fault } from '../../infra/simulator/faults.ts';
import type { FileTruth, ManifestTruth } from '../../infra/simulator/ledger.ts';
import type { LifecycleDays } from '../../infra/simulator/options.ts';
import { HOUR } from './plan.ts';

/** A file as the simulator knows it, and what an operator did of which the simulator knows nothing. */
export interface KnownFile extends FileTruth {
  readonly operated?: { readonly status: string; readonly atMillis: number } | undefined;
}

/** What a report says of one file or manifest. */
export interface Told {
  readonly date_prefix: string;
  readonly file_key: string;
  /** A kind of verdict or of issue. */
  readonly kind: string;
  /** Empty for an issue. */
  readonly cause: string;
  readonly change: string;
  readonly summary: string;
  /** Of a verdict, where it was listed with it. */
  readonly evidence?: readonly { readonly about: string; readonly found: string; readonly detail: string }[];
}

/** All that a comparison knows. */
export interface Truth {
  readonly version: 'A' | 'B';
  readonly lifecycle: LifecycleDays;
  readonly nowMillis: number;
  readonly files: readonly KnownFile[];
  readonly manifests: readonly ManifestTruth[];
  /** When the rows of the output last proved a file lost, by date and key. */
  readonly lostByRows: ReadonlyMap<string, number>;
}

const LIMIT_HOURS = { pending: 24, manifested: 6, processing: 2 } as const;
export const GRACE = HOUR / 4;
/** The stream is brought over every three hours, and an age that only it tells is as much shorter. */
const STREAM_LAG = 3 * HOUR;

/** What a file is, as a sweep should see it: `none` is to be reported, of no other anything. */
export type Condition =
  | { readonly is: 'well' }
  | { readonly is: 'waiting'; readonly sinceMillis: number }
  | { readonly is: 'lost'; readonly sinceMillis: number }
  | { readonly is: 'stuck'; readonly by: Fault; readonly sinceMillis: number };

const WELL: Condition = { is: 'well' };

export function conditionOf(file: KnownFile): Condition {
  const { record, expected, stranded, operated, statusMillis = 0 } = file;
  if (record !== 'present') return WELL;
  if (operated && operated.atMillis > statusMillis) return conditionAfter(file, operated);
  switch (expected) {
    case 'stuck':
      return stranded ? { is: 'stuck', by: stranded.by, sinceMillis: stranded.sinceMillis } : WELL;
    case 'waiting':
      return { is: 'waiting', sinceMillis: statusMillis };
    case 'not_converted':
      return lostOrUploadedAgain(file, statusMillis);
    default:
      return WELL;
  }
}

function conditionAfter(
  file: KnownFile,
  { status, atMillis }: NonNullable<KnownFile['operated']>,
): Condition {
  if (status === 'pending') return { is: 'waiting', sinceMillis: atMillis };
  return status === 'completed' && file.conversions.length === 0
    ? { is: 'lost', sinceMillis: atMillis }
    : WELL;
}

/** What was converted once is completed rightly; that it was uploaded again is for audits to see. */
function lostOrUploadedAgain({ conversions }: KnownFile, sinceMillis: number): Condition {
  return conversions.length > 0 ? WELL : { is: 'lost', sinceMillis };
}

/** Which kinds and causes are true of a file that is stuck by a fault. */
const STUCK: Partial<Readonly<Record<Fault, readonly string[]>>> = {
  builder_died: ['stuck_in_manifested builder_died'],
  lock_left: ['stuck_in_manifested builder_died'],
  manifest_lost: ['missing_manifests manifest_missing'],
  // Version B keeps one record for all manifests of a date, which soon tells of another one.
  never_started: ['stuck_in_manifested not_started', 'stuck_in_manifested no_manifest_record'],
  job_hung: ['stuck_in_manifested job_stuck', 'stuck_in_processing job_stuck'],
  job_timed_out: ['stuck_in_manifested job_stuck', 'stuck_in_processing job_stuck'],
  updater_missed: [
    'stuck_in_manifested updater_missed',
    'stuck_in_processing updater_missed',
    'stuck_in_manifested job_failed',
    'stuck_in_processing job_failed',
    // Its job ended when the manifest had expired: only the rows tell that it was about this file.
    'missing_manifests manifest_gone',
  ],
  // A suffix that does not begin with # makes the status an unknown one, which listings and counts tell.
  odd_suffix: ['stuck_in_pending not_taken', 'stuck_in_pending input_missing', 'unknown_status'],
  unknown_status: ['unknown_status'],
};

const LOST = [
  'not_in_manifest manifest_overwritten',
  'missing_outputs no_output',
  'missing_outputs no_output_in_time',
  'missing_outputs no_rows',
];

const WAITING = ['stuck_in_pending not_taken', 'stuck_in_pending input_missing'];

/** Whether a sweep may say this of a file. */
export function isTrue(file: KnownFile, { kind, cause }: Told, truth: Truth): boolean {
  const condition = conditionOf(file);
  const { nowMillis } = truth;
  const told = `${kind} ${cause}`.trim();
  if (isConvertedBefore(file, truth) && [...LOST, ...alsoTrue(file, truth)].includes(told)) return true;
  switch (condition.is) {
    case 'well':
      return false;
    case 'waiting':
      return (
        [...WAITING, ...alsoTrue(file, truth)].includes(told) &&
        nowMillis - condition.sinceMillis > LIMIT_HOURS.pending * HOUR
      );
    case 'lost':
      return LOST.includes(told);
    case 'stuck':
      return isStuckAs(file, told, truth);
  }
}

function isStuckAs(file: KnownFile, told: string, truth: Truth): boolean {
  const condition = conditionOf(file);
  if (condition.is !== 'stuck') return false;
  return [...(STUCK[condition.by] ?? []), ...alsoTrue(file, truth)].includes(told);
}

/**
 * Whether an earlier run has converted a file, as when it was reset meanwhile, and the run that its record tells of has
 * not. What is said of the latter is true; that nothing is lost is known to the rows alone.
 */
export function isConvertedBefore({ date, key, conversions }: KnownFile, { manifests }: Truth): boolean {
  const newest = manifests.filter((each) => each.date === date && each.files.includes(key)).at(-1);
  if (newest === undefined || conversions.length === 0) return false;
  return conversions.every(
    ({ manifestUri, atMillis }) => manifestUri !== newest.uri || atMillis < newest.builtMillis,
  );
}

/** What is true of a stuck file since something else has happened to it, too. */
function alsoTrue(file: KnownFile, truth: Truth): string[] {
  const { status } = file;
  const kind = status === 'processing' ? 'stuck_in_processing' : 'stuck_in_manifested';
  return [
    ...(file.conversions.length > 0 ? BY_ROWS : []),
    ...(isOverwritten(file, truth) ? [`${kind} manifest_overwritten`] : []),
    ...(has(file, 'output_lost')
      ? [`${kind} no_output`, `${kind} no_output_in_time`, `${kind} no_rows`]
      : []),
    // Of version B only the report tells that the job has ended, and one that never began leaves none.
    ...(NO_REPORT.some((fault) => has(file, fault)) ? ['stuck_in_processing job_stuck'] : []),
  ];
}

const BY_ROWS = ['stuck_in_pending', 'stuck_in_manifested', 'stuck_in_processing', 'missing_manifests'].map(
  (kind) => `${kind} rows_in_output`,
);

/** Whether another builder wrote over the manifest that was to list the file. */
function isOverwritten({ date, key }: KnownFile, { manifests }: Truth): boolean {
  const index = manifests.findLastIndex((each) => each.date === date && each.files.includes(key));
  return manifests.slice(index + 1).some(({ uri }) => uri === manifests[index]?.uri);
}

const NO_REPORT: readonly Fault[] = ['report_missing', 'job_throttled', 'job_timed_out'];

function has({ faults }: KnownFile, wanted: Fault): boolean {
  return faults.some(({ fault }) => fault === wanted);
}

/** Whether a sweep that ends now has to tell of a file. */
export function isDue(
  file: KnownFile,
  { nowMillis, ...truth }: Pick<Truth, 'nowMillis' | 'files' | 'manifests' | 'lostByRows'>,
): boolean {
  const condition = conditionOf(file);
  if (condition.is === 'well') return false;
  if (condition.is === 'lost' && isHidden(file, truth)) return false;
  const limit = limitOf(file, condition);
  return limit !== undefined && nowMillis - condition.sinceMillis > limit + STREAM_LAG;
}

const SLACK = 6 * 60_000;

/**
 * Whether another job of the date wrote output while the one ran whose output is lost, or within the minutes by which
 * clocks may differ: only the rows themselves tell then, once a night.
 */
function isHidden(
  file: KnownFile,
  { files, manifests, lostByRows }: Pick<Truth, 'files' | 'manifests' | 'lostByRows'>,
): boolean {
  if (!has(file, 'output_lost')) return false;
  const lastChange = Math.max(file.statusMillis ?? 0, file.operated?.atMillis ?? 0);
  if ((lostByRows.get(idOfFile(file)) ?? 0) > lastChange) return false;
  const { date, key, uploads, statusMillis = 0 } = file;
  const built = manifests
    .filter((each) => each.date === date && each.files.includes(key))
    .at(-1)?.builtMillis;
  const from = (has(file, 'report_missing') ? uploads.at(-1)?.atMillis : built) ?? 0;
  return files.some(
    (other) =>
      other.date === date &&
      other.conversions.some(({ atMillis }) => atMillis >= from - SLACK && atMillis <= statusMillis + SLACK),
  );
}

function limitOf({ status = 'pending' }: KnownFile, condition: Exclude<Condition, { is: 'well' }>) {
  if (condition.is === 'lost') return GRACE;
  if (condition.is === 'waiting') return LIMIT_HOURS.pending * HOUR;
  if (STUCK[condition.by] === undefined) return undefined;
  if (condition.by === 'manifest_lost' || condition.by === 'unknown_status') return GRACE;
  return status in LIMIT_HOURS ? LIMIT_HOURS[status as keyof typeof LIMIT_HOURS] * HOUR : undefined;
}

const HALTING: ReadonlySet<Fault> = new Set(['never_started', 'job_hung', 'job_timed_out']);

/** A manifest waits or runs for too long when something holds up the files that were claimed for it. */
export function isTrueOfManifest(
  { files, manifests }: Truth,
  { date_prefix, file_key, kind }: Told,
): boolean {
  if (!/^MANIFEST(#|$)/.test(file_key) || kind !== 'stuck_manifests') return false;
  const known = byKey(files);
  return manifests
    .filter(({ date, name }) => date === date_prefix && [`MANIFEST#${name}`, 'MANIFEST'].includes(file_key))
    .flatMap((manifest) => manifest.files.map((key) => known.get(`${date_prefix} ${key}`)))
    .some((file) => file?.faults.some(({ fault }) => HALTING.has(fault)));
}

export function byKey(files: readonly KnownFile[]): Map<string, KnownFile> {
  return new Map(files.map((file) => [idOfFile(file), file]));
}

export function idOfFile({ date, key }: Pick<KnownFile, 'date' | 'key'>): string {
  return `${date} ${key}`;
}

export function idOf({ date_prefix, file_key }: Pick<Told, 'date_prefix' | 'file_key'>): string {
  return `${date_prefix} ${file_key}`;
}
