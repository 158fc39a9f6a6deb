import type { RowsSay } from '../data-proof/explain-rows.ts';
import type { ContentsFacts, ManifestFacts } from '../pipeline/evidence-loader.ts';
import { expiredAt } from '../pipeline/expiry.ts';
import { shortErrorWords } from '../pipeline/job-error.ts';
import type { ReportCheck } from '../pipeline/job-reports.ts';
import type { Location } from '../pipeline/names.ts';
import { type OutputFacts, type OutputPlace, UNKNOWN_START } from '../pipeline/outputs.ts';
import { hoursInStatus } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type ObjectCheck, uriOf } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { ConvertedManifest, LostFile } from '../reports/proofs.ts';
import { countOf } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { hoursText } from '../text/time-text.ts';
import { isOfCompleted } from './memory.ts';
import type { Evidence, EvidenceSubject } from './verdict.ts';

/** What was loaded for a record; what is undefined would not have mattered. */
export interface Facts {
  readonly record: TrackingRecord;
  readonly manifest?: ManifestFacts | undefined;
  readonly contents?: ContentsFacts | undefined;
  /** The report of its manifest's job. */
  readonly report?: ReportCheck | undefined;
  readonly outputs?: OutputFacts | undefined;
  /** Whether there is any output in the place where it is expected; only if the date has none. */
  readonly outputPlace?: OutputPlace | undefined;
  readonly input?: ObjectCheck | undefined;
  /** The copy in the quarantine bucket. */
  readonly copy?: ObjectCheck | undefined;
  /** What earlier sweeps have proved about its manifest, and about itself. */
  readonly converted?: ConvertedManifest | undefined;
  readonly lost?: LostFile | undefined;
  /** What the rows of the output have proved about it. */
  readonly rows?: RowsSay | undefined;
}

/** The facts as evidence: what was checked, and what was seen. */
export function describeFacts(facts: Facts, now: number): Evidence[] {
  const { record, manifest, contents, report, outputs, input, copy } = facts;
  return [
    contents
      ? { about: 'manifest_record', found: 'yes', detail: describeManifestRecord(record, now) }
      : { about: 'record', found: 'yes', detail: describeRecord(record, now) },
    ...(manifest ? describeManifest(manifest, now) : []),
    ...(contents ? [describeContents(contents, record.file_count)] : []),
    ...(report ? [describeReport(report)] : []),
    ...(outputs ? [describeOutputs(outputs)] : []),
    ...(input ? [describeCheck('input', input)] : []),
    ...(copy ? [describeCopy(copy)] : []),
    ...describeMemory(facts),
    ...(facts.rows ? [describeRows(facts.rows)] : []),
  ];
}

function describeRecord(record: TrackingRecord, now: number): string {
  const hours = hoursInStatus(record, now);
  const expired = expiredAt(record.ttl, now);
  const parts = [
    `${parseStatus(record.status).status}${hours === undefined ? ', age unknown' : ` for ${hoursText(hours)}`}`,
    ...(typeof record.error_message === 'string' ? [`error: ${shortErrorWords(record.error_message)}`] : []),
    ...(expired === undefined ? [] : [`expired at ${isoTime(expired)}, so DynamoDB will remove it soon`]),
  ];
  return parts.join('; ');
}

function describeManifest({ name, object, record, ofDate }: ManifestFacts, now: number): Evidence[] {
  if (name.kind === 'none')
    return [{ about: 'manifest', found: 'no', detail: 'the record names no manifest' }];
  if (name.kind === 'placeholder')
    return [{ about: 'manifest', found: 'no', detail: `placeholder ${name.text}` }];
  const followed = record ?? ofDate;
  return [
    { about: 'manifest', found: object?.found ?? 'unknown', detail: describeObject(object, name.location) },
    followed
      ? {
          about: 'manifest_record',
          found: 'yes',
          detail: `${followed.file_key}: ${describeManifestRecord(followed, now)}`,
        }
      : { about: 'manifest_record', found: 'no', detail: 'this manifest has no record' },
  ];
}

function describeObject(object: ManifestFacts['object'], location: Location): string {
  if (object?.found === 'no') return `${uriOf(location)} does not exist`;
  if (object?.found !== 'yes')
    return `${uriOf(location)} could not be read: ${object?.error ?? 'not checked'}`;
  return `${uriOf(location)} lists ${countOf(object.contents.files, 'file')}, ${object.lists ? 'including' : 'but not'} this one`;
}

function describeContents({ location, object }: ContentsFacts, fileCount: unknown): Evidence {
  const uri = uriOf(location);
  switch (object.found) {
    case 'yes':
      return {
        about: 'manifest',
        found: 'yes',
        detail: `${uri} lists ${countOf(object.contents.files, 'file')}, its record says ${fileCount ?? 'none'}`,
      };
    case 'no':
      return { about: 'manifest', found: 'no', detail: `${uri} does not exist` };
    case 'unknown':
      return { about: 'manifest', found: 'unknown', detail: `${uri} could not be read: ${object.error}` };
  }
}

function describeManifestRecord(record: TrackingRecord, now: number): string {
  const { execution_arn, trigger_type } = record;
  const starter = execution_arn ?? (trigger_type ? `no execution, trigger ${trigger_type}` : 'no execution');
  return `${describeRecord(record, now)}; ${starter}`;
}

function describeReport(check: ReportCheck): Evidence {
  const about = 'job_report';
  if (check.found === 'no') return { about, found: 'no', detail: 'no report about this manifest was found' };
  if (check.found === 'unknown')
    return { about, found: 'unknown', detail: `the reports of jobs could not be read: ${check.error}` };
  const { location, result, records, error } = check.report;
  const words = {
    converted: `its job wrote ${records === undefined ? 'output' : countOf(records, 'row')}`,
    wrote_nothing: 'its job succeeded but wrote nothing',
    failed: `its job failed${error ? `: ${shortErrorWords(error)}` : ''}`,
  };
  return { about, found: 'yes', detail: `${uriOf(location)}: ${words[result]}` };
}

/** What was seen in the places where outputs are expected. */
export function describeOutputs({ locations, span, ...outputs }: OutputFacts): Evidence {
  const about = 'output';
  const places = locations.map(uriOf).join(', ');
  const times =
    span.from === UNKNOWN_START
      ? `before ${isoTime(span.to)}`
      : `${isoTime(span.from)} to ${isoTime(span.to)}`;
  const one = locations.length === 1;
  switch (outputs.found) {
    case 'unknown':
      return { about, found: 'unknown', detail: `${places} could not be listed: ${outputs.error}` };
    case 'none':
      return { about, found: 'no', detail: one ? `${places} is empty` : `${places} are empty` };
    case 'at_other_times':
      return {
        about,
        found: 'no',
        detail: `${places} ${one ? 'has' : 'have'} ${countOf(outputs.count, 'object')}, none from ${times}`,
      };
    case 'in_time':
      return {
        about,
        found: 'yes',
        detail: `${places} has ${countOf(outputs.count, 'object')} from ${times}`,
      };
  }
}

function describeMemory({ converted, lost }: Facts): Evidence[] {
  const about = 'earlier_sweep';
  return [
    ...(converted
      ? [
          {
            about,
            found: 'yes' as const,
            detail: `its manifest was found converted by ${converted.by} on ${converted.at}${converted.records === undefined ? '' : `, with ${countOf(converted.records, 'row')}`}`,
          } as const,
        ]
      : []),
    ...(lost
      ? [
          {
            about,
            found: 'yes' as const,
            detail: `found ${isOfCompleted(lost.version) ? 'lost' : 'stuck'} on ${isoTime(lost.at)}: ${lost.seen}`,
          } as const,
        ]
      : []),
  ];
}

function describeRows({ is, is_certain, says, verified_at }: RowsSay): Evidence {
  const doubt = is_certain ? '' : ' So few files of the date have rows that its output may be elsewhere.';
  const isMissing = is === 'lost' || is === 'nothing';
  const found = is === 'unknown' ? 'unknown' : isMissing ? 'no' : 'yes';
  return { about: 'rows', found, detail: `read at ${verified_at}: ${says}${doubt}` };
}

/** What is known about the copy of a refused file, with the reason. */
export function describeCopy(copy: ObjectCheck): Evidence {
  const evidence = describeCheck('quarantine', copy);
  const reason = copy.found === 'yes' && copy.metadata.quarantine_reason;
  return reason ? { ...evidence, detail: `${evidence.detail}: ${reason}` } : evidence;
}

/** What is known about one object. */
export function describeCheck(about: EvidenceSubject, check: ObjectCheck): Evidence {
  const uri = uriOf(check.location);
  switch (check.found) {
    case 'yes':
      return { about, found: 'yes', detail: `${uri} from ${isoTime(check.modified)}` };
    case 'no':
      return { about, found: 'no', detail: `${uri} does not exist` };
    case 'unknown':
      return { about, found: 'unknown', detail: `${uri} could not be checked: ${check.error}` };
  }
}
