import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { runsFolder } from '../aws/deployment-names.ts';
import type { Plan } from '../changes/plan.ts';
import { planLines } from '../changes/saved-plan.ts';
import { uriOf } from '../pipeline/storage.ts';
import { isoTime } from '../text/time.ts';

/** Where plans are saved until they are applied or out of date. */
export interface PlanFolder {
  readonly s3: S3Client;
  readonly bucket: string;
}

const PREFIX = runsFolder('orphan-sweep');

/** @param about distinguishes it from other plans of the same moment */
export function planPath(now: number, about?: string): string {
  return `${PREFIX}${isoTime(now)}${about === undefined ? '' : `-${about}`}.plan.ndjson`;
}

/** @returns where it is, in the form that `--plan` takes */
export async function savePlan({ s3, bucket }: PlanFolder, key: string, plan: Plan): Promise<string> {
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
  return uriOf({ bucket, key });
}
