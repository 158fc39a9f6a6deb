import type { DateFindings } from '../data-proof/kept-proof.ts';
import { readFindingsOf } from '../data-proof/kept-proof.ts';
import type { Read } from '../page-kit/card.ts';
import { manifestPlace } from '../pipeline/job-report.ts';
import type { ReportCheck } from '../pipeline/job-reports.ts';
import type { ManifestCheck } from '../pipeline/manifest.ts';
import { bareName, type Location, parsePath } from '../pipeline/names.ts';
import { MANIFEST_OF_DATE, MANIFEST_PREFIX, manifestKey } from '../pipeline/record.ts';
import { readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { type ConvertedManifest, readConverted } from '../reports/proofs.ts';
import { type ManifestFiles, readListed, readNaming } from './manifest-files.ts';
import { attempt, knownOf } from './read.ts';
import type { FieldsOf } from './requests.ts';
import type { Source } from './view.ts';

/** The data of one manifest's page. */
export interface OneManifest {
  /** The date of its files and of its record. */
  readonly date: string;
  readonly name: string;
  /** Where it is, according to records; undefined if only its name is known. */
  readonly path: string | undefined;
  readonly records: Read<ManifestRecords>;
  /** Undefined if the buckets are not read. */
  readonly object: ManifestCheck | undefined;
  readonly files: Read<ManifestFiles>;
  /** Undefined if the buckets are not read, or the manifest's location is unknown. */
  readonly report: ReportCheck | undefined;
  /** What sweeps have proved about it. */
  readonly converted: Read<ConvertedManifest | undefined>;
  /** What the output rows proved about the date's files. */
  readonly rows: Read<DateFindings>;
}

/** The records about a manifest; either may be missing. */
export interface ManifestRecords {
  /** `MANIFEST#…` */
  readonly own: TrackingRecord | undefined;
  /** The one record that older builders keep per date, if it is about this manifest. */
  readonly ofDate: TrackingRecord | undefined;
}

const NO_RECORDS: ManifestRecords = { own: undefined, ofDate: undefined };

/** Reads two records, two proofs, and the files: one read per file if the manifest object may be read, otherwise some pages of the date. */
export async function readManifest(
  { date, manifest: given }: FieldsOf<'manifest'>,
  source: Source,
): Promise<OneManifest> {
  const name = bareName(given).replace(MANIFEST_PREFIX, '');
  const records = await attempt(source, () => readRecords(date, name, source));
  const { own, ofDate } = knownOf(records) ?? NO_RECORDS;
  const told = [given, own?.manifest_path, ofDate?.manifest_path].find(isPath);
  const contents = await source.evidence?.contentsOf({ ...keyFor(date, name), manifest_path: told });
  const object = contents?.object;
  const files = await attempt(source, () =>
    object?.found === 'yes'
      ? readListed(object.contents, date, source)
      : readNaming(told ?? name, date, source),
  );
  const keys = knownOf(files)?.listed.flatMap(({ record }) => record?.file_key ?? []) ?? [];
  const rows = await attempt(source, () => readFindingsOf(source.projection, date, keys));
  const path =
    told ??
    knownOf(files)
      ?.listed.map(({ record }) => record?.manifest_path)
      .find(isPath);
  const location = contents?.location ?? (path?.includes('://') ? parsePath(path, '') : undefined);
  const subject = own ?? knownOf(files)?.listed.find(({ record }) => record)?.record ?? keyFor(date, name);
  const [report, converted] = await Promise.all([
    location && readReport(source, subject, location, own),
    attempt(source, async () => location && readConverted(source.projection, date, manifestPlace(location))),
  ]);
  return { date, name, path, records, object, files, report, converted, rows };
}

async function readRecords(date: string, name: string, { tracking }: Source): Promise<ManifestRecords> {
  const key = manifestKey(date, name);
  const [own, ofDate] = await Promise.all([
    key && readRecord(tracking, key),
    readRecord(tracking, { date_prefix: date, file_key: MANIFEST_OF_DATE }),
  ]);
  const isAbout = isPath(ofDate?.manifest_path) && bareName(ofDate.manifest_path) === name;
  return { own, ofDate: isAbout ? ofDate : undefined };
}

async function readReport(
  { evidence }: Source,
  subject: TrackingRecord,
  location: Location,
  record: TrackingRecord | undefined,
): Promise<ReportCheck | undefined> {
  return evidence?.reportOf(subject, { name: { kind: 'object', location }, object: undefined, record });
}

function keyFor(date_prefix: string, name: string) {
  return { date_prefix, file_key: MANIFEST_PREFIX + name };
}

function isPath(path: unknown): path is string {
  return typeof path === 'string' && path.includes('/');
}
