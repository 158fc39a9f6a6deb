import type { Inventory } from './inventory.ts';

/** What the benchmark measured (`npm run bench -- --only freshness --write-units`). */
export interface MeasuredUnits {
  readonly measuredOn: string;
  readonly transitionsPerFile: number;
  /** Changes of the tracking table in its stream; those that are not transitions are read and skipped. */
  readonly recordsPerFile: number;
  readonly streamRecordBytes: number;
  readonly trackingRecordBytes: number;
  /** Heads and timelines. */
  readonly projectionBytesPerFile: number;
  /** By flow and window, both ascending. */
  readonly batches: readonly BatchUnits[];
}

export interface BatchUnits {
  readonly filesPerDay: number;
  readonly windowSeconds: number;
  readonly recordsPerBatch: number;
  readonly writeUnitsPerTransition: number;
}

/** The largest payload that Lambda accepts: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const PAYLOAD_BYTES = 6_000_000;

/**
 * What batches cost: interpolated between the measured flows and windows on a logarithmic scale; beyond them, as at the
 * nearest. A batch that ends early because of its size or at 6 MB costs as much as one of the window in which that many
 * records arrive.
 */
export function unitsOfBatches(
  filesPerDay: number,
  { stream }: Pick<Inventory, 'stream'>,
  units: MeasuredUnits,
): Pick<BatchUnits, 'recordsPerBatch' | 'writeUnitsPerTransition'> {
  const most = Math.min(stream.batchSize, PAYLOAD_BYTES / units.streamRecordBytes);
  const recordsPerSecond = (filesPerDay * units.recordsPerFile) / 86_400;
  const seconds = Math.min(stream.windowSeconds, most / recordsPerSecond);
  const at = (pick: (batch: BatchUnits) => number) => {
    const flows = [...new Set(units.batches.map((batch) => batch.filesPerDay))];
    return interpolate(
      filesPerDay,
      flows.map((flow) => {
        const windows = units.batches.filter((batch) => batch.filesPerDay === flow);
        return [
          flow,
          interpolate(
            seconds,
            windows.map((batch) => [batch.windowSeconds, pick(batch)]),
          ),
        ];
      }),
    );
  };
  const recordsPerBatch = Math.max(
    1,
    Math.min(
      most,
      Math.max(
        at((batch) => batch.recordsPerBatch),
        recordsPerSecond * seconds,
      ),
    ),
  );
  return { recordsPerBatch, writeUnitsPerTransition: at((batch) => batch.writeUnitsPerTransition) };
}

/** @param points by ascending x, at least one */
function interpolate(x: number, points: readonly (readonly [x: number, y: number])[]): number {
  // Beyond the last point there is none above: the index is -1, which `at` takes as the last.
  const above = points.findIndex(([each]) => each >= x);
  const [upper, lower] = [points.at(above), points[above - 1]];
  if (!upper) throw new Error('Nothing was measured.');
  if (!lower) return upper[1];
  const share = Math.log(x / lower[0]) / Math.log(upper[0] / lower[0]);
  return lower[1] + share * (upper[1] - lower[1]);
}
