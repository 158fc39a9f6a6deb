import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A call that a client is about to make. */
export interface Call<Output> {
  /** Such as `TransactWriteItemsCommand`. */
  readonly name: string;
  readonly input: object;
  /** Makes the call, with changes to its input if there are any; it may be made again, or not at all. */
  send(changes?: object): Promise<Output>;
}

/** Answers calls instead of a client. */
export type Intercept = <Output>(call: Call<Output>) => Promise<Output>;

/** A separate document client for the same database that passes each call to `intercept`. */
export function interceptedDocuments(dynamoDb: DynamoDBClient, intercept: Intercept): DynamoDBDocumentClient {
  const documents = DynamoDBDocumentClient.from(dynamoDb, {
    marshallOptions: { removeUndefinedValues: true },
  });
  // It shares the client's connections; its middleware is copied, because otherwise both would share it.
  documents.middlewareStack = documents.middlewareStack.clone();
  documents.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) =>
        intercept({
          name: commandName,
          input: args.input,
          send: (changes) => next({ ...args, input: { ...args.input, ...changes } }),
        }),
    { step: 'initialize', priority: 'low' },
  );
  return documents;
}

/** An S3 client that puts objects into a map and passes each call to `intercept`; it can do nothing else. */
export function interceptedStorage(objects: Map<string, string>, intercept: Intercept): S3Client {
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'local' };
  const s3 = new S3Client({ region: 'us-east-1', credentials });
  s3.middlewareStack.add(
    (_, { commandName = '' }) =>
      (args) =>
        intercept({
          name: commandName,
          input: args.input,
          send: async () => {
            if (commandName !== 'PutObjectCommand' || !('Key' in args.input) || !('Body' in args.input)) {
              throw new Error(`This storage knows no ${commandName}.`);
            }
            objects.set(String(args.input.Key), String(args.input.Body));
            return { output: { $metadata: {} }, response: undefined };
          },
        }),
    { step: 'initialize' },
  );
  return s3;
}
