import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { GetCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { PipelineBuckets, PipelineOptions } from '../../infra/simulator/options.ts';
import { createPipeline } from '../../infra/simulator/pipeline.ts';
import { type LocalAws, localAws } from './local-aws.ts';

type Item = Record<string, unknown>;

/** The day and the time at which these pipelines begin, unless a test says otherwise. */
export const TODAY = '2026-11-23';
export const START = Date.parse(`${TODAY}T10:00:00Z`);

/** A simulated pipeline with its own table and buckets, in which nothing happens by chance, and what they contain. */
export async function fieldPipeline(options: Partial<PipelineOptions> = {}) {
  const aws = await localAws();
  const pipeline = createPipeline({ ...targetOf(aws), startMillis: START, weights: {}, ...options });
  return { aws, pipeline, ...contentsOf(aws), ...inputsOf(pipeline) };
}

export function targetOf({ documents, trackingTable, s3, buckets }: LocalAws) {
  return { documents, table: trackingTable, s3, buckets };
}

/** The contents of a table and its buckets. */
export function contentsOf({ documents, trackingTable: TableName, s3, buckets }: LocalAws) {
  const bodyOf = async (bucket: keyof PipelineBuckets, Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets[bucket], Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  return {
    async records(): Promise<Item[]> {
      const items: Item[] = [];
      for await (const { Items = [] } of paginateScan({ client: documents }, { TableName }))
        items.push(...Items);
      return items;
    },
    async record(date_prefix: string, file_key: string): Promise<Item | undefined> {
      const Key = { date_prefix, file_key };
      return (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
    },
    async list(bucket: keyof PipelineBuckets): Promise<string[]> {
      const keys: string[] = [];
      const pages = paginateListObjectsV2({ client: s3 }, { Bucket: buckets[bucket] });
      for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key }) => Key ?? ''));
      return keys;
    },
    bodyOf,
    async json(bucket: keyof PipelineBuckets, key: string) {
      return JSON.parse(Buffer.from(await bodyOf(bucket, key)).toString());
    },
    async metadata(bucket: keyof PipelineBuckets, Key: string) {
      return (await s3.send(new HeadObjectCommand({ Bucket: buckets[bucket], Key }))).Metadata;
    },
    /** Resets a file as an operator's script would. */
    async reset(date_prefix: string, file_key: string, suffix: string): Promise<void> {
      await documents.send(
        new UpdateCommand({
          TableName,
          Key: { date_prefix, file_key },
          UpdateExpression: 'SET #status = :pending, manifest_path = :none',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':pending': `pending${suffix}`, ':none': null },
        }),
      );
    },
  };
}

function inputsOf(pipeline: ReturnType<typeof createPipeline>) {
  return {
    /** Uploads files of a date and lets everything happen that follows from it. */
    async uploadAll(date: string, names: readonly string[]): Promise<void> {
      for (const name of names) pipeline.upload(`pipeline/input/${date}/${name}`);
      await pipeline.finish();
    },
    /** Files of the ledger, as `name: expectation`. */
    expectations: () =>
      Object.fromEntries(pipeline.ledger().files.map(({ key, expected }) => [key, expected])),
  };
}

/** `a-1.ndjson` and so on. */
export function names(count: number, stem = 'a'): string[] {
  return Array.from({ length: count }, (_, index) => `${stem}-${index + 1}.ndjson`);
}

export function suffixOf(record: Item | undefined): string {
  return String(record?.status).replace(/^[a-z]+/, '');
}
