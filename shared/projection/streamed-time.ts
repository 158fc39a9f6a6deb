import { parseFieldTime } from '../text/time.ts';

/**
 * When a stream took a record down, from its `ApproximateCreationDateTime`. Lambda gives seconds since the
 * epoch, a Kinesis data stream of a table milliseconds or microseconds
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingConfiguration.html),
 * an SDK a `Date`, and a dead letter of such a record its text.
 *
 * @returns milliseconds since the epoch; undefined when it cannot be read
 */
export function streamedMillis(created: unknown): number | undefined {
  const isDate = created instanceof Date;
  const time = parseFieldTime(isDate ? created.getTime() : created);
  return time === undefined ? undefined : Date.parse(time);
}
