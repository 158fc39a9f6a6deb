import type { IncomingMessage } from 'node:http';
import { bucketArn, tableArn } from './template-values.ts';

/** One request and its result. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly statusCode: number;
}

/** A call to AWS as IAM sees it. */
export interface Call {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  /** The partition of the projection table that a write, a read of one item or a query concerns. */
  readonly leadingKey?: string;
}

/**
 * The calls in one DynamoDB request. A transaction needs the permissions of its parts, but none of its own:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function dynamoDbCalls({ headers, body }: Exchange): Call[] {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
  const input: DynamoDbInput = JSON.parse(body.toString());
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    return (input.TransactItems ?? []).flatMap((item) =>
      Object.entries(item).map(([part, { TableName, ...keyed }]) => ({
        ...tableCall(PARTS[part] ?? part, TableName),
        ...leadingKeyOf(keyed),
      })),
    );
  }
  if (input.RequestItems) {
    return Object.entries(input.RequestItems).flatMap(([table, batch]) =>
      itemsOf(batch).map((keyed) => ({ ...tableCall(operation, table), ...leadingKeyOf(keyed) })),
    );
  }
  return [{ ...tableCall(operation, input.TableName ?? '', input.IndexName), ...leadingKeyOf(input) }];
}

/** An item, its key, or the condition of a query, in a request. */
interface Keyed {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Attributes;
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

function leadingKeyOf({ Key, Item, ...query }: Keyed): { leadingKey?: string } {
  const leadingKey = (Key ?? Item ?? queriedKey(query)).pk?.S;
  return leadingKey === undefined ? {} : { leadingKey };
}

/** The partition in a condition: `pk = :name`. */
function queriedKey({ KeyConditionExpression = '', ExpressionAttributeValues = {} }: Keyed): Attributes {
  const [, name = ''] = /(?:^| )pk = (:\w+)/.exec(KeyConditionExpression) ?? [];
  const pk = ExpressionAttributeValues[name];
  return pk ? { pk } : {};
}

/** The part of a request for many items that concerns one table. */
interface Batch {
  readonly Keys?: readonly Attributes[];
  readonly PutRequest?: Keyed;
  readonly DeleteRequest?: Keyed;
}

function itemsOf(batch: Batch | readonly Batch[]): Keyed[] {
  return [batch]
    .flat()
    .flatMap(({ Keys = [], PutRequest, DeleteRequest }: Batch) => [
      ...Keys.map((Key) => ({ Key })),
      ...[PutRequest, DeleteRequest].filter((each) => each !== undefined),
    ]);
}

interface DynamoDbInput extends Keyed {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, Batch | readonly Batch[]>>;
  readonly TransactItems?: readonly Readonly<Record<string, Keyed & { TableName: string }>>[];
}

const PARTS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  ConditionCheck: 'ConditionCheckItem',
};

function tableCall(operation: string, table: string, index?: string): Call {
  const resource = index === undefined ? tableArn(table) : `${tableArn(table)}/index/${index}`;
  return { action: `dynamodb:${operation}`, resource };
}

/**
 * The calls in one S3 request. Without permission to list a bucket, the answer for a missing object is 403 instead
 * of 404, so whoever got a 404 has used that permission:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3Calls({ method, url, headers, statusCode }: Exchange): Call[] {
  const { pathname } = new URL(url, 'http://localhost');
  const [, bucket = '', ...rest] = decodeURIComponent(pathname).split('/');
  const key = rest.join('/');
  const list = { action: 's3:ListBucket', resource: bucketArn(bucket) };
  if (key === '') return [method === 'GET' || method === 'HEAD' ? list : unknown(method, url)];
  const object = {
    action: OBJECT_ACTIONS[method] ?? `${method} ${url}`,
    resource: `${bucketArn(bucket)}/${key}`,
  };
  if (headers['x-amz-copy-source']) return [object, unknown('COPY', url)];
  return statusCode === 404 ? [object, list] : [object];
}

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
};

function unknown(method: string, url: string): Call {
  return { action: `no permission is known for ${method} ${url}`, resource: '' };
}
