/** Sums of metric values by name, as CloudWatch keeps them for a namespace. */
export interface MetricTotals {
  /** Takes one line of a function's log; ignores anything that is not a metric document. */
  read(line: string): void;
  /** The sum of all values of a metric so far. */
  sum(name: string): number;
  /** The value in the newest document that had the metric. */
  latest(name: string): number | undefined;
}

/**
 * Reads metrics from log lines in the embedded metric format, which is how they reach CloudWatch too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricTotals(): MetricTotals {
  const sums = new Map<string, number>();
  const newest = new Map<string, number>();
  return {
    read(line) {
      for (const [name, values] of metricsIn(line)) {
        sums.set(
          name,
          values.reduce((total, value) => total + value, sums.get(name) ?? 0),
        );
        newest.set(name, values.at(-1) ?? 0);
      }
    },
    sum: (name) => sums.get(name) ?? 0,
    latest: (name) => newest.get(name),
  };
}

function metricsIn(line: string): [string, number[]][] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const document = parse(line);
  const directives = document?._aws?.CloudWatchMetrics ?? [];
  const names = directives.flatMap(({ Metrics = [] }) => Metrics.map(({ Name }) => Name));
  return names.map((name) => [name, [document?.[name]].flat().map(Number)]);
}

interface MetricDocument {
  readonly [name: string]: unknown;
  readonly _aws?: { CloudWatchMetrics?: { Metrics?: { Name: string }[] }[] };
}

/** A function may print something that only looks like a metric. */
function parse(line: string): MetricDocument | undefined {
  try {
    return JSON.parse(line) as MetricDocument;
  } catch {
    return undefined;
  }
}
