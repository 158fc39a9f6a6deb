import type { S3Client } from '@aws-sdk/client-s3';
import { bareName } from '../pipeline/names.ts';
import { countChunk } from './count-chunk.ts';
import { readSourceColumn } from './footer.ts';
import { type OutputObject, type RangedObject, type ReadMeter, rangedObject } from './ranged-object.ts';
import { Unreadable, type UnreadableReason } from './unreadable.ts';

/** How many rows of an object came from one source: the URI as its column has it. */
export type SourceRows = readonly [source: string, rows: number];

/** What an output object says about its rows. */
export type ObjectReading = { readonly object: OutputObject } & (
  | {
      readonly state: 'read';
      readonly rows: number;
      /** Rows that do not say where they came from. */
      readonly unnamed: number;
      readonly sources: readonly SourceRows[];
    }
  | { readonly state: UnreadableReason; readonly detail: string }
);

/**
 * Counts the rows of a Parquet object by the object that they came from. It reads the footer, and of the rest only the
 * pages of one column. What cannot be read is returned, never thrown.
 */
export function readSources(s3: S3Client, object: OutputObject, meter: ReadMeter): Promise<ObjectReading> {
  return countSources(object, rangedObject(s3, object, meter));
}

/** The same for an object that is read in any way. */
export async function countSources(object: OutputObject, ranged: RangedObject): Promise<ObjectReading> {
  try {
    const { rows, chunks } = await readSourceColumn(ranged, bareName(object.key));
    const counts = new Map<string, number>();
    let unnamed = 0;
    for (const chunk of chunks) {
      await countChunk(ranged, chunk, (value, more) => {
        if (value === undefined) unnamed += more;
        else counts.set(value, (counts.get(value) ?? 0) + more);
      });
    }
    return { object, state: 'read', rows, unnamed, sources: [...counts] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { object, state: error.reason, detail: error.message };
  }
}
