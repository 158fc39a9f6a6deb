import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parquetOf } from '../../infra/simulator/parquet.ts';
import type { LocalAws } from './local-aws.ts';

/** Puts one output object of a date, with one row, so that a verification has something to read. */
export async function putOutputRow({ s3, buckets }: Pick<LocalAws, 's3' | 'buckets'>, date: string) {
  const uri = `s3://${buckets.input}/pipeline/input/${date}/row.ndjson`;
  const Key = `merged-parquet-${date}/part-00000-row.snappy.parquet`;
  const Body = parquetOf([{ uri, rows: [{ id: '1' }] }], `${date}T05:00:00Z`);
  await s3.send(new PutObjectCommand({ Bucket: buckets.output, Key, Body }));
}
