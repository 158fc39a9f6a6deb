import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Plan } from '../changes/plan.ts';
import { planLines } from '../changes/saved-plan.ts';

/** Where plans are kept until they are applied or out of date. */
export interface PlanFolder {
  readonly s3: S3Client;
  readonly bucket: string;
}

const PREFIX = 'runs/orphan-sweep/';

/** @returns where it lies, as runbooks take it with `--plan` */
export async function savePlan({ s3, bucket }: PlanFolder, plan: Plan): Promise<string> {
  const key = `${PREFIX}${plan.header.created_at}.plan.ndjson`;
  const lines: string[] = [];
  for await (const line of planLines(plan.header, plan.entries())) lines.push(line);
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentType: 'application/x-ndjson',
      Body: lines.join(''),
    }),
  );
  return `s3://${bucket}/${key}`;
}
