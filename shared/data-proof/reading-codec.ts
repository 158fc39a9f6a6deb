import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ObjectReading, SourceRows } from './read-sources.ts';
import type { UnreadableReason } from './unreadable.ts';

/**
 * Readings in a few bytes per file: names of a date have much in common, which compression removes. It is for stored
 * data and for tokens; `unpackReadings` restores the same readings.
 */
export function packReadings(readings: readonly ObjectReading[]): Uint8Array {
  return deflateRawSync(JSON.stringify(readings.map(rowOf)), { level: 9 });
}

/** @throws Error when the bytes are not what `packReadings` made */
export function unpackReadings(packed: Uint8Array): readonly ObjectReading[] {
  return (JSON.parse(inflateRawSync(packed).toString()) as Row[]).map(readingOf);
}

type Row = readonly [
  bucket: string,
  key: string,
  etag: string,
  size: number,
  modified: number,
  said:
    | readonly [rows: number, unnamed: number, sources: readonly SourceRows[]]
    | readonly [UnreadableReason, string],
];

function rowOf(reading: ObjectReading): Row {
  const { bucket, key, etag, size, modified } = reading.object;
  const said =
    reading.state === 'read'
      ? ([reading.rows, reading.unnamed, reading.sources] as const)
      : ([reading.state, reading.detail] as const);
  return [bucket, key, etag, size, modified, said];
}

function readingOf([bucket, key, etag, size, modified, said]: Row): ObjectReading {
  const object = { bucket, key, etag, size, modified };
  if (said.length === 2) return { object, state: said[0], detail: said[1] };
  const [rows, unnamed, sources] = said;
  return { object, state: 'read', rows, unnamed, sources };
}
