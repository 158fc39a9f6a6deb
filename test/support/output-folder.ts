import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { outputPlaces, READING_START, readOutputPage } from '../../shared/data-proof/read-outputs.ts';
import type { ObjectReading } from '../../shared/data-proof/read-sources.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_PROFILE } from './profile.ts';

export const OUTPUT_DATE = '2026-11-22';

/** The output of a date, for tests to fill and read. */
export function outputFolder(aws: LocalAws, folder = `merged-parquet-${OUTPUT_DATE}/`) {
  const Bucket = aws.buckets.output;
  const storage = { s3: aws.s3, buckets: aws.buckets };
  return {
    put: async (name: string, Body: Uint8Array | string) => {
      await aws.s3.send(new PutObjectCommand({ Bucket, Key: folder + name, Body }));
    },
    putInto: (bucket: string, Key: string, Body: string) =>
      aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    remove: (name: string) => aws.s3.send(new DeleteObjectCommand({ Bucket, Key: folder + name })),
    /** Reads everything, page by page. */
    async read(
      settings: Partial<Parameters<typeof readOutputPage>[3]> = {},
      s3 = aws.s3,
    ): Promise<{
      readings: ObjectReading[];
      passedOver: Record<string, number>;
      pages: number;
      meter: Meter;
    }> {
      const meter = { requests: 0, bytes: 0 };
      const deps = { storage: { ...storage, s3 }, profile: FIELD_PROFILE };
      const places = outputPlaces(OUTPUT_DATE, deps);
      const readings: ObjectReading[] = [];
      const passedOver: Record<string, number> = {};
      let pages = 0;
      const all = { meter, known: () => undefined, objectsPerPage: 100, ...settings };
      for (let cursor: typeof READING_START | undefined = READING_START; cursor; pages++) {
        const page: Awaited<ReturnType<typeof readOutputPage>> = await readOutputPage(
          deps,
          places,
          cursor,
          all,
        );
        readings.push(...page.readings);
        for (const [kind, count] of Object.entries(page.passedOver)) {
          passedOver[kind] = (passedOver[kind] ?? 0) + count;
        }
        // As it would be stored in a token.
        cursor = page.next && JSON.parse(JSON.stringify(page.next));
      }
      return { readings, passedOver, pages, meter };
    },
  };
}

interface Meter {
  requests: number;
  bytes: number;
}

/** The result of a reading, in the order of sources. */
export function saidBy(reading: ObjectReading | undefined) {
  if (!reading) return undefined;
  return reading.state === 'read'
    ? { rows: reading.rows, unnamed: reading.unnamed, sources: [...reading.sources].sort() }
    : { state: reading.state };
}
