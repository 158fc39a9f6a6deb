import { manifestPlace } from '../pipeline/job-report.ts';
import { bareName, parsePath } from '../pipeline/names.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { mostShort } from './confidence.ts';
import { NO_TOTALS, type VerifyTotals } from './totals.ts';
import type { VerifyState } from './verify-date.ts';

const MOST_UNREAD = 20;

/** What operation and runbook report about a date besides its findings. It is plain JSON. */
export function proofView({ readings, passedOver, rows, compare }: VerifyState) {
  const { files, compared, reasons } = compare?.totals ?? NO_TOTALS;
  const unread = rows?.unread ?? [];
  return {
    objects: readings.length,
    rows: rows?.rows ?? 0,
    /** Markers, half-written objects below `_temporary/`, and empty ones. */
    passed_over: passedOver,
    unread: {
      count: unread.length,
      samples: unread.slice(0, MOST_UNREAD).map(({ object, why }) => ({ uri: uriOf(object), why })),
    },
    other_dates: rows?.otherDates ?? { rows: 0, samples: [] },
    files,
    unknown_reasons: reasons,
    lines: {
      ...compared,
      /** With 95 % confidence, at most this share of all files is short; null: nothing was counted. */
      most_short: compared.files === 0 ? null : mostShort(compared.short, compared.files),
    },
  };
}

/** Which records are meant: one, or those of a manifest, given by name or address; undefined: all. */
export function onlyOf(
  record: TrackingRecord | undefined,
  manifest: string | undefined,
): ((each: TrackingRecord) => boolean) | undefined {
  if (record) return ({ file_key }) => file_key === record.file_key;
  if (manifest === undefined) return undefined;
  const wanted = bareName(placeIn(manifest.replace(/^MANIFEST#/, '')) ?? manifest);
  return ({ manifest_path }) => bareName(placeIn(manifest_path) ?? '') === wanted;
}

function placeIn(path: unknown): string | undefined {
  const location = parsePath(path, '');
  return location && manifestPlace(location);
}

/** The manifests of the files that were compared. */
export function filledManifests({ compare }: Pick<VerifyState, 'compare'>): VerifyTotals['manifests'] {
  const all = Object.entries(compare?.totals.manifests ?? {});
  return Object.fromEntries(all.filter(([, { files }]) => files > 0));
}
