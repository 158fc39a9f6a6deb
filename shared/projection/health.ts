import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { counterPartition } from './counter-kind.ts';

/** Stored beside the counters of everything, so that one query returns the counts and how far to trust them. */
export const HEALTH_KEY = 'health';

/** What is known of the projection's accuracy. Times are UTC, `…Z`. */
export interface Health {
  /** The last comparison of heads and counters with the tracking table. */
  readonly audit?: {
    readonly at: string;
    readonly drift_found: number;
    readonly drift_repaired: number;
    /** Where S3 and the tracking table disagreed; left out by audits of older versions. */
    readonly issues_found?: number;
  };
  /** How many dead letters were waiting when they were last counted. */
  readonly dead_letters?: { readonly at: string; readonly waiting: number };
  /** The beginning of a date_prefix that is too long to be noted. */
  readonly long_date?: string;
  /** Whether the files of yesterday and today have arrived, as of the last full hour. */
  readonly came?: {
    readonly at: string;
    readonly dates: readonly ArrivalsAnswer[];
    /** Whether expected files have arrived, if they are due; left out if none were expected. */
    readonly expected?: readonly ExpectedAnswer[];
    /** How far the counts were behind the stream; then no date is compared, and none lacks files. Left out if they were not behind. */
    readonly behind_seconds?: number;
  };
}

/** Whether as many files of a date had arrived by an hour as is usual for its weekday. */
export interface ArrivalsAnswer {
  readonly date_prefix: string;
  readonly came: number;
  /** `unknown` if there are too few dates to compare with, or they differ too much. */
  readonly state: 'as_usual' | 'fewer' | 'more' | 'unknown';
  /** The median, and the range of counts that is usual; null if unknown. */
  readonly usual: { readonly median: number; readonly from: number; readonly to: number } | null;
  /** For how many hours in a row none arrived, if that is unusual; the state is then `fewer`. An older version left it out. */
  readonly quiet_hours?: number;
  /** How many dates of the same weekday it was compared with. */
  readonly compared: number;
}

/** Whether the expected files of a date have arrived. */
export interface ExpectedAnswer {
  readonly date_prefix: string;
  /** The prefix of their keys; if left out, any file of the date counts. */
  readonly prefix?: string;
  readonly at_least: number;
  /** When they were due, `…Z`. */
  readonly by: string;
  /** How many have arrived; with a prefix, at most `at_least` are counted. */
  readonly came: number;
}

/** Notes the given parts of the health; parts that are not given stay unchanged. */
export async function noteHealth(table: Table, health: Health): Promise<void> {
  const parts = Object.entries(health);
  await table.docs.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: counterPartition(undefined), sk: HEALTH_KEY },
      UpdateExpression: `SET ${parts.map((_, i) => `#h${i} = :h${i}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(parts.map(([name], i) => [`#h${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(parts.map(([, value], i) => [`:h${i}`, value])),
    }),
  );
}
