import { createHash } from 'node:crypto';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { RawAttributes } from '../pipeline/tracking-table.ts';

// The audit of a file holds attributes before and after, and so may be larger than an item can be (400 KB). Then it is
// stored in parts, beside the files of its change. They are named after their content, so parts of the same audit have
// the same names, and one that was written before is never changed.

/** Attributes as an audit item has them. */
export type AuditValues = Readonly<Record<'before' | 'after' | 'guard', RawAttributes | undefined>>;

const MOST_BYTES = 300_000;

/** Whether an audit is too large for one item; everything besides its values needs little. */
export function needsParts(text: string): boolean {
  return Buffer.byteLength(text) > MOST_BYTES;
}

/** Values as text, from which they can be restored to the last byte. */
export function valuesText(values: AuditValues): string {
  return JSON.stringify(values, (_name, value) =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
  );
}

/** Where the parts of an audit are. */
export interface PartsReference {
  readonly digest: string;
  readonly count: number;
}

/** Stores the text of an audit in parts. They are written before the item that refers to them. */
export async function putParts(table: Table, changeId: string, text: string): Promise<PartsReference> {
  const bytes = Buffer.from(text);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const count = Math.ceil(bytes.length / MOST_BYTES);
  for (let part = 0; part < count; part++) {
    const content = bytes.subarray(part * MOST_BYTES, (part + 1) * MOST_BYTES);
    const Item = marshall({ ...partKey(changeId, digest, part), content });
    await table.docs.send(new PutItemCommand({ TableName: table.name, Item }));
  }
  return { digest, count };
}

/** @throws Error when a part is missing, which nothing here ever removes */
export async function readParts(
  table: Table,
  changeId: string,
  { digest, count }: PartsReference,
): Promise<AuditValues> {
  const parts: Uint8Array[] = [];
  for (let part = 0; part < count; part++) {
    const Key = marshall(partKey(changeId, digest, part));
    const { Item } = await table.docs.send(
      new GetItemCommand({ TableName: table.name, Key, ConsistentRead: true }),
    );
    if (!Item?.content?.B) throw new Error(`Part ${part} of an audit of the change ${changeId} is missing.`);
    parts.push(Item.content.B);
  }
  return JSON.parse(Buffer.concat(parts).toString(), bytesAgain) as AuditValues;
}

/** Not among the files of the change, which are listed page by page. */
function partKey(changeId: string, digest: string, part: number) {
  return { pk: `CHANGE#${changeId}#PARTS`, sk: `${digest}#${String(part).padStart(3, '0')}` };
}

function bytesAgain(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value;
  // An attribute of this name has a typed value instead of text: {"S": "…"}.
  const { $bytes } = value;
  return typeof $bytes === 'string' ? Uint8Array.from(Buffer.from($bytes, 'base64')) : value;
}
