import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { bareName, fitsSortKey, realName } from './names.ts';
import { MANIFEST_PREFIX } from './record.ts';
import type { RecordKey } from './tracking-table.ts';

/** The records whose names begin with a text, or else contain it. */
export interface Matches {
  readonly keys: readonly RecordKey[];
  /** False when there are more than were checked: there may be further matches. */
  readonly isWhole: boolean;
  /** How many names were searched, because none begins with the text. */
  readonly lookedAt: number;
}

/** How many candidates are reported. */
const MOST_MATCHES = 20;
// Some 2,500 read units for records of a kilobyte: what is typed for convenience must not cost a scan.
const MOST_LOOKED_AT = 20_000;
const CONCURRENT_DATES = 16;

/**
 * The files and manifests that a part of a name may mean. The beginning of a name costs a read of each date; only if no
 * name begins with it, the names themselves are searched, up to a bound.
 *
 * @param dates where to look, the likeliest first
 */
export async function findByPart(table: Table, part: string, dates: readonly string[]): Promise<Matches> {
  const name = bareName(part);
  if (name === '') return { keys: [], isWhole: true, lookedAt: 0 };
  const begun = await pMap(dates, (date) => beginningWith(table, date, name), {
    concurrency: CONCURRENT_DATES,
  });
  const keys = begun.flat();
  if (keys.length > 0)
    return { keys: keys.slice(0, MOST_MATCHES), isWhole: keys.length <= MOST_MATCHES, lookedAt: 0 };
  return containing(table, name, dates);
}

/** A manifest may also be named without its prefix, since lists show it so. */
async function beginningWith(table: Table, date: string, name: string): Promise<RecordKey[]> {
  const asked = [name, MANIFEST_PREFIX + name].filter(fitsSortKey).map((start) =>
    table.docs.send(
      new QueryCommand({
        ...keysOf(table),
        KeyConditionExpression: 'date_prefix = :date AND begins_with(file_key, :start)',
        ExpressionAttributeValues: { ':date': date, ':start': start },
        Limit: MOST_MATCHES + 1,
      }),
    ),
  );
  const answers = await Promise.all(asked);
  return answers.flatMap(({ Items = [] }) => Items.map((item) => keyIn(date, item)));
}

async function containing(table: Table, name: string, dates: readonly string[]): Promise<Matches> {
  const keys: RecordKey[] = [];
  let lookedAt = 0;
  for (const date of dates) {
    const query = {
      ...keysOf(table),
      KeyConditionExpression: 'date_prefix = :date',
      ExpressionAttributeValues: { ':date': date },
    };
    for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
      const found = Items.map((item) => keyIn(date, item)).filter(({ file_key }) => holds(file_key, name));
      keys.push(...found);
      lookedAt += Items.length;
      if (keys.length > MOST_MATCHES || lookedAt >= MOST_LOOKED_AT)
        return { keys: keys.slice(0, MOST_MATCHES), isWhole: false, lookedAt };
    }
  }
  return { keys, isWhole: true, lookedAt };
}

function keysOf({ name }: Table) {
  return { TableName: name, ProjectionExpression: 'file_key' };
}

function keyIn(date_prefix: string, { file_key }: Readonly<Record<string, unknown>>): RecordKey {
  return { date_prefix, file_key: String(file_key) };
}

/** In either spelling, in any case: a person typed it. */
function holds(file_key: string, part: string): boolean {
  const wanted = part.toLowerCase();
  return [file_key, realName(file_key)].some((name) => name.toLowerCase().includes(wanted));
}
