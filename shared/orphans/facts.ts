import type { ContentsFacts, ManifestFacts } from '../pipeline/evidence-loader.ts';
import type { Location } from '../pipeline/names.ts';
import type { OutputFacts } from '../pipeline/outputs.ts';
import { hoursInStatus } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type ObjectCheck, uriOf } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { Evidence, EvidenceSubject } from './verdict.ts';

/** What was looked at for a record; what is undefined would not have mattered. */
export interface Facts {
  readonly record: TrackingRecord;
  readonly manifest?: ManifestFacts | undefined;
  readonly contents?: ContentsFacts | undefined;
  readonly outputs?: OutputFacts | undefined;
  readonly input?: ObjectCheck | undefined;
  /** The copy in the quarantine bucket. */
  readonly copy?: ObjectCheck | undefined;
}

/** The facts as evidence: what was looked at, and what was seen. */
export function describeFacts(facts: Facts, now: number): Evidence[] {
  const { record, manifest, contents, outputs, input, copy } = facts;
  return [
    contents
      ? { about: 'manifest_record', found: 'yes', detail: describeManifestRecord(record, now) }
      : { about: 'record', found: 'yes', detail: describeRecord(record, now) },
    ...(manifest ? describeManifest(manifest, now) : []),
    ...(contents ? [describeContents(contents, record.file_count)] : []),
    ...(outputs ? [describeOutputs(outputs)] : []),
    ...(input ? [describeCheck('input', input)] : []),
    ...(copy ? [describeCopy(copy)] : []),
  ];
}

function describeRecord(record: TrackingRecord, now: number): string {
  const hours = hoursInStatus(record, now);
  const ttl = Number(record.ttl);
  const parts = [
    `${parseStatus(record.status).status}${hours === undefined ? ', age unknown' : ` for ${hours} hours`}`,
    ...(typeof record.error_message === 'string' ? [`error: ${record.error_message.slice(0, 200)}`] : []),
    ...(ttl > 0 && ttl * 1000 < now
      ? [`expired at ${isoTime(ttl * 1000)}, so DynamoDB will remove it soon`]
      : []),
  ];
  return parts.join('; ');
}

function describeManifest({ name, object, record }: ManifestFacts, now: number): Evidence[] {
  if (name.kind === 'none') return [{ about: 'manifest', found: 'no', detail: 'the record names none' }];
  if (name.kind === 'placeholder')
    return [{ about: 'manifest', found: 'no', detail: `placeholder ${name.text}` }];
  const recordKey = record?.file_key ?? 'MANIFEST# record';
  return [
    { about: 'manifest', found: object?.found ?? 'unknown', detail: describeObject(object, name.location) },
    record
      ? {
          about: 'manifest_record',
          found: 'yes',
          detail: `${recordKey}: ${describeManifestRecord(record, now)}`,
        }
      : { about: 'manifest_record', found: 'no', detail: 'no record follows this manifest' },
  ];
}

function describeObject(object: ManifestFacts['object'], location: Location): string {
  if (object?.found === 'no') return `${uriOf(location)} does not exist`;
  if (object?.found !== 'yes')
    return `${uriOf(location)} could not be read: ${object?.error ?? 'not looked at'}`;
  return `${uriOf(location)} lists ${object.contents.files} files, this one ${object.lists ? 'among them' : 'not'}`;
}

function describeContents({ location, object }: ContentsFacts, fileCount: unknown): Evidence {
  const uri = uriOf(location);
  switch (object.found) {
    case 'yes':
      return {
        about: 'manifest',
        found: 'yes',
        detail: `${uri} lists ${object.contents.files} files, its record counts ${fileCount ?? 'none'}`,
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

function describeOutputs({ location, span, ...outputs }: OutputFacts): Evidence {
  const place = uriOf(location);
  const times = `${isoTime(span.from)} to ${isoTime(span.to)}`;
  switch (outputs.found) {
    case 'unknown':
      return { about: 'output', found: 'unknown', detail: `${place} could not be listed: ${outputs.error}` };
    case 'none':
      return { about: 'output', found: 'no', detail: `${place} is empty` };
    case 'at_other_times':
      return {
        about: 'output',
        found: 'no',
        detail: `${place} has ${outputs.count} objects, none of ${times}`,
      };
    case 'in_time':
      return { about: 'output', found: 'yes', detail: `${place} has ${outputs.count} objects of ${times}` };
  }
}

/** What is known of the copy of what was refused, with the reason. */
export function describeCopy(copy: ObjectCheck): Evidence {
  const evidence = describeCheck('quarantine', copy);
  const reason = copy.found === 'yes' && copy.metadata.quarantine_reason;
  return reason ? { ...evidence, detail: `${evidence.detail}: ${reason}` } : evidence;
}

/** What is known of one object. */
export function describeCheck(about: EvidenceSubject, check: ObjectCheck): Evidence {
  const uri = uriOf(check.location);
  switch (check.found) {
    case 'yes':
      return { about, found: 'yes', detail: `${uri} of ${isoTime(check.modified)}` };
    case 'no':
      return { about, found: 'no', detail: `${uri} does not exist` };
    case 'unknown':
      return { about, found: 'unknown', detail: `${uri} could not be looked at: ${check.error}` };
  }
}
