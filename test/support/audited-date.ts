import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isoTime } from '../../shared/text/time.ts';
import { auditInPages } from './audit-pages.ts';
import { fieldFiles } from './field-files.ts';
import { localAws } from './local-aws.ts';

const HOUR = 3_600_000;
/** The date that is audited. */
export const AUDITED_DATE = '2026-11-23';

/** Moments around the uploads of a test file, in this order even on a slow machine; the last is the audit. */
export function timesAround() {
  const begun = Date.now();
  return {
    LONG_BEFORE: isoTime(begun - 2 * HOUR),
    BEFORE: isoTime(begun - HOUR),
    AFTER: isoTime(begun + HOUR / 2),
    now: begun + HOUR,
  };
}

/** A date with one healthy file that has an unusual name: no audit may report it. */
export async function auditedDate({ LONG_BEFORE, AFTER, now }: ReturnType<typeof timesAround>) {
  const aws = await localAws();
  const files = fieldFiles(aws, AUDITED_DATE, Date.parse(LONG_BEFORE));
  await files.input('healthy (1).ndjson');
  await files.record('healthy (1).ndjson', { status: 'completed#3', completed_time: AFTER });
  return {
    aws,
    files,
    put: (Bucket: string, Key: string, Metadata?: Record<string, string>) =>
      aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: '{}', Metadata })),
    audit: (settings: Partial<Parameters<typeof auditInPages>[1]> = {}) =>
      auditInPages(aws, { date: AUDITED_DATE, now, ...settings }),
  };
}
