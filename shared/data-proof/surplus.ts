import { parsePath } from '../pipeline/names.ts';
import { uriOf } from '../pipeline/storage.ts';
import { shellWord } from '../text/shell-text.ts';
import type { DataFinding } from './data-finding.ts';
import type { ObjectReading } from './read-sources.ts';

/** An output object with rows of files that were converted more than once. It is plain JSON. */
export interface SurplusObject {
  readonly uri: string;
  /** All rows of the object. */
  readonly rows: number;
  readonly surplus: number;
  /** Whether it holds nothing else, so that the whole object can go. */
  readonly isWhole: boolean;
  /** Commands that remove the surplus rows. Nothing in this project runs them, or may write to that bucket. */
  readonly commands: readonly string[];
}

/**
 * Says which objects hold the surplus rows, and how an operator removes them.
 *
 * @param findings all of the date
 * @param readings of its objects
 */
export function surplusObjects(
  findings: readonly DataFinding[],
  readings: readonly ObjectReading[],
): readonly SurplusObject[] {
  const rowsOf = new Map(
    readings.flatMap((reading) => (reading.state === 'read' ? [[uriOf(reading.object), reading.rows]] : [])),
  );
  const bySurplus = new Map<string, { surplus: number; sources: Set<string> }>();
  for (const { objects } of findings) {
    for (const { uri, source, rows, surplus } of objects) {
      if (!surplus) continue;
      const object = bySurplus.get(uri) ?? { surplus: 0, sources: new Set<string>() };
      object.surplus += rows;
      object.sources.add(source);
      bySurplus.set(uri, object);
    }
  }
  return [...bySurplus].map(([uri, { surplus, sources }]) => {
    const rows = rowsOf.get(uri) ?? surplus;
    const isWhole = rows === surplus;
    const commands = isWhole ? moveAway(uri) : rewrite(uri, [...sources]);
    return { uri, rows, surplus, isWhole, commands };
  });
}

/** To a prefix that readers skip, from where it can be restored. */
function moveAway(uri: string): string[] {
  return [`aws s3 mv ${shellWord(uri)} ${shellWord(placeAside(uri))}`];
}

/** Rewrites it without those rows, and puts it in its place only after a copy of the old one is set aside. */
function rewrite(uri: string, sources: readonly string[]): string[] {
  const local = 'rewritten.snappy.parquet';
  const list = sources.map((source) => `'${source.replaceAll("'", "''")}'`).join(', ');
  const rest = `SELECT * FROM 'surplus.parquet' WHERE _source_file IS NULL OR _source_file NOT IN (${list})`;
  return [
    `aws s3 cp ${shellWord(uri)} surplus.parquet`,
    `duckdb -c ${shellWord(`COPY (${rest}) TO '${local}' (FORMAT parquet, CODEC 'snappy')`)}`,
    `aws s3 cp ${shellWord(uri)} ${shellWord(placeAside(uri))}`,
    `aws s3 cp ${local} ${shellWord(uri)}`,
  ];
}

function placeAside(uri: string): string {
  const place = parsePath(uri, '');
  return place ? `s3://${place.bucket}/_surplus/${place.key}` : uri;
}
