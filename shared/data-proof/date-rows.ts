import { bareName, dateOfName } from '../pipeline/names.ts';
import { compareBytes } from '../text/byte-order.ts';
import type { OutputObject } from './ranged-object.ts';
import type { ObjectReading } from './read-sources.ts';
import { isOneSpelling, parseSource, type Source } from './source-name.ts';

/** Rows of one source that one object holds. */
export interface RowsInObject {
  /** As the object's column has it. */
  readonly source: string;
  readonly object: OutputObject;
  readonly rows: number;
}

/** The rows of one source in all objects of a date. */
export interface SourceParts extends Source {
  readonly parts: readonly RowsInObject[];
}

/** What the output of a date says. It grows with the files of the date, not with their rows. */
export interface DateRows {
  /** By name, in byte order: sources whose name has only one spelling. */
  readonly plain: readonly SourceParts[];
  /** The others, by their plainest spelling and in its order. */
  readonly odd: ReadonlyMap<string, readonly SourceParts[]>;
  readonly objects: number;
  /** Rows of all objects that could be read. */
  readonly rows: number;
  /** Rows of files of other dates. */
  readonly otherDates: { readonly rows: number; readonly samples: readonly string[] };
  /** What may hold rows of unknown files: objects that cannot be read, and rows without a source. */
  readonly unread: readonly Unread[];
}

export interface Unread {
  readonly object: OutputObject;
  readonly why: string;
}

const MOST_SAMPLES = 5;

/** Without the bucket, whose name may look as if it had a date. */
function keyOf({ place }: Source): string {
  return place.slice(place.indexOf('/') + 1);
}

/** Combines what the objects of a date say, file by file. */
export function collectRows(date: string, readings: Iterable<ObjectReading>): DateRows {
  const sources = new Map<string, Source & { parts: RowsInObject[] }>();
  const other = { rows: 0, samples: new Set<string>() };
  const unread: Unread[] = [];
  let objects = 0;
  let rows = 0;
  for (const reading of readings) {
    objects += 1;
    let unnamed = 0;
    for (const [uri, count] of reading.state === 'read' ? reading.sources : []) {
      const source = sources.get(uri) ?? { ...parseSource(uri), parts: [] };
      if (source.name === '') unnamed += count;
      else if ((dateOfName(keyOf(source)) ?? date) === date) {
        sources.set(uri, source);
        source.parts.push({ source: uri, object: reading.object, rows: count });
      } else {
        other.rows += count;
        if (other.samples.size < MOST_SAMPLES) other.samples.add(uri);
      }
    }
    const why = unreadReason(reading, unnamed);
    if (why) unread.push({ object: reading.object, why });
    if (reading.state === 'read') rows += reading.rows;
  }
  const otherDates = { rows: other.rows, samples: [...other.samples] };
  return { ...sorted([...sources.values()]), objects, rows, otherDates, unread };
}

/**
 * @param empty how many rows have an empty text instead of a name: Spark's `input_file_name()` is one where no name is
 *   available, https://spark.apache.org/docs/latest/api/sql/#input_file_name
 */
function unreadReason(reading: ObjectReading, empty: number): string | undefined {
  if (reading.state === 'read') {
    const unnamed = reading.unnamed + empty;
    return unnamed > 0 ? `${unnamed} rows do not say where they came from` : undefined;
  }
  return reading.state === 'foreign' ? undefined : `${reading.state}: ${reading.detail}`;
}

function sorted(sources: readonly SourceParts[]): Pick<DateRows, 'plain' | 'odd'> {
  const odd = new Map<string, SourceParts[]>();
  const plain: SourceParts[] = [];
  for (const source of sources) {
    const same = odd.get(source.plainest);
    if (isOneSpelling(source)) plain.push(source);
    else if (same) same.push(source);
    else odd.set(source.plainest, [source]);
  }
  return {
    plain: plain.sort((a, b) => compareBytes(a.name, b.name)),
    odd: new Map([...odd].sort(([a], [b]) => compareBytes(a, b))),
  };
}

/**
 * What all objects of one job's write have in common: Spark puts an id of the write into their names, Glue one of the
 * run. Undefined: the name has none.
 */
export function writeOf({ key }: OutputObject): string | undefined {
  const name = bareName(key);
  return (
    /(?<=^part-\d+-)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/.exec(name)?.[0] ??
    /^run-.+?(?=-part-)/.exec(name)?.[0]
  );
}
