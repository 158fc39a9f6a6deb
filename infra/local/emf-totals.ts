/** Sums by name of metric values, and of the numbers that are beside metrics only in the log. */
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
  return Object.entries(parse(line)).flatMap(([name, value]): [string, number[]][] => {
    // Fields beside metrics may be text.
    const values = [value].flat().map((each) => (IS_COUNT.test(String(each)) ? Number(each) : each));
    return values.every((each) => typeof each === 'number') ? [[name, values]] : [];
  });
}

const IS_COUNT = /^\d+$/;

/** A function may print something that only looks like a metric. */
function parse(line: string): object {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
