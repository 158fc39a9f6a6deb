import type { Status } from '../../shared/pipeline/status.ts';
import type { Fault } from './faults.ts';
import type { RecordKeys } from './record-keys.ts';

/** One object that was put under a file's name. */
export interface UploadTruth {
  readonly atMillis: number;
  readonly rows: number;
}

/** Rows of a file that a job put into an output. */
export interface ConversionTruth {
  readonly atMillis: number;
  readonly jobRunId: string;
  readonly manifestUri: string;
  /** The output object's key. */
  readonly outputKey: string;
  readonly rows: number;
  /** Which upload these are the rows of, counted from 1. */
  readonly upload: number;
}

/** What has really happened to a file, which only the simulator knows; and what a check should find. */
export interface FileTruth extends FileHistory {
  readonly expected: Expectation;
}

export interface FileHistory {
  readonly date: string;
  /** The record's `file_key`. */
  readonly key: string;
  /** Undefined for a record that somebody else put into the table. */
  readonly objectKey?: string;
  readonly uploads: readonly UploadTruth[];
  readonly faults: readonly { readonly fault: Fault; readonly atMillis: number }[];
  readonly input: 'present' | 'expired' | 'gone' | 'never';
  readonly record: 'none' | 'present' | 'expired';
  /** The status that the pipeline wrote last; changes by operators are not known here. */
  readonly status?: Status;
  /** When it wrote that, or found that an operator had reset the file to pending. */
  readonly statusMillis?: number;
  /** Set while nothing in the pipeline will move the file unless it is reset. */
  readonly stranded?: { readonly by: Fault; readonly sinceMillis: number };
  readonly conversions: readonly ConversionTruth[];
}

/**
 * What a check should find about a file whose limits have passed and that no operator has changed.
 * `waiting`: pending until enough events come; `not_converted`: completed, but its newest rows are in no output;
 * `not_recorded`: an object without a record. Nothing should be found about `healthy` and `under_way`.
 */
export type Expectation =
  | ('healthy' | 'under_way' | 'waiting' | 'stuck' | 'failed')
  | ('not_converted' | 'converted_twice' | 'not_recorded');

/** What has really happened to a manifest. */
export interface ManifestTruth {
  readonly date: string;
  readonly name: string;
  readonly uri: string;
  readonly builtMillis: number;
  /** The files that its builder claimed for it, by `file_key`. */
  readonly files: readonly string[];
  readonly jobRunIds: readonly string[];
}

type Changeable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Each)[] ? Each[] : T[K] };
/** A file's truth while the agents build it. */
export type KnownFile = Changeable<FileHistory>;
export type KnownManifest = Changeable<ManifestTruth>;

export interface Ledger {
  /** The file with these keys; if another program put its record, it is new here and begins empty. */
  file(keys: RecordKeys): KnownFile;
  /** Notes whose object is at this key now. */
  setObject(objectKey: string, file: KnownFile): void;
  /** The file that the object at this key belongs to. */
  ofObject(objectKey: string): KnownFile | undefined;
  /** Notes that a file's record is pending; an operator may have reset it. */
  foundPending(keys: RecordKeys, atMillis: number): void;
  /** Notes the status that the pipeline has written. */
  setStatus(file: KnownFile, status: Status, atMillis: number): void;
  addManifest(manifest: KnownManifest): void;
  /** Forgets a file or a manifest whose record has expired. */
  forget(keys: RecordKeys): void;
  addJobRun(manifestUri: string, jobRunId: string): void;
  note(file: KnownFile, fault: Fault, atMillis: number): void;
  /** Notes the fault, and that the file is stuck because of it. */
  strand(file: KnownFile, fault: Fault, atMillis: number): void;
  files(): FileTruth[];
  manifests(): ManifestTruth[];
}

export function createLedger(): Ledger {
  const files = new Map<string, KnownFile>();
  const objects = new Map<string, KnownFile>();
  let manifests: KnownManifest[] = [];
  const note = (file: KnownFile, fault: Fault, atMillis: number) =>
    void file.faults.push({ fault, atMillis });
  const setStatus = (file: KnownFile, status: Status, atMillis: number) => {
    file.status = status;
    file.statusMillis = atMillis;
  };
  const fileOf = ({ date_prefix: date, file_key: key }: RecordKeys) => {
    const id = `${date} ${key}`;
    const known: KnownFile = files.get(id) ?? {
      date,
      key,
      uploads: [],
      faults: [],
      input: 'never',
      record: 'none',
      conversions: [],
    };
    files.set(id, known);
    return known;
  };
  return {
    file: fileOf,
    setObject: (objectKey, file) => void objects.set(objectKey, file),
    ofObject: (objectKey) => objects.get(objectKey),
    foundPending(keys, atMillis) {
      const file = fileOf(keys);
      if (file.status !== 'pending') setStatus(file, 'pending', atMillis);
      file.record = 'present';
      delete file.stranded;
    },
    setStatus,
    addManifest: (manifest) => void manifests.push(manifest),
    forget({ date_prefix: date, file_key: key }) {
      const { objectKey = '' } = files.get(`${date} ${key}`) ?? {};
      objects.delete(objectKey);
      files.delete(`${date} ${key}`);
      manifests = manifests.filter((one) => one.date !== date || `MANIFEST#${one.name}` !== key);
    },
    addJobRun(manifestUri, jobRunId) {
      for (const manifest of manifests) if (manifest.uri === manifestUri) manifest.jobRunIds.push(jobRunId);
    },
    note,
    strand(file, fault, atMillis) {
      note(file, fault, atMillis);
      file.stranded = { by: fault, sinceMillis: atMillis };
    },
    files: () =>
      [...files.values()].map((file) => structuredClone({ ...file, expected: expectationOf(file) })),
    manifests: () => structuredClone(manifests),
  };
}

function expectationOf(file: KnownFile): Expectation {
  if (file.record === 'expired') return 'healthy';
  if (file.record === 'none') {
    const isRefused = file.faults.some(({ fault }) => fault === 'refused');
    return file.input === 'present' && !isRefused ? 'not_recorded' : 'healthy';
  }
  if (file.stranded) return 'stuck';
  switch (file.status) {
    case 'pending':
      return 'waiting';
    case 'failed':
      return 'failed';
    case 'completed':
      return expectationOfCompleted(file);
    case 'quarantined':
      return 'healthy';
    default:
      return 'under_way';
  }
}

function expectationOfCompleted({ conversions, uploads }: KnownFile): Expectation {
  const newest = conversions.filter(({ upload }) => upload === uploads.length).length;
  if (newest === 0) return 'not_converted';
  return newest === 1 ? 'healthy' : 'converted_twice';
}
