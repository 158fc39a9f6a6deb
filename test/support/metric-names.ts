import { NAMESPACE } from '../../shared/metrics/names.ts';
import { deployedValue, type TemplateJson } from './template-values.ts';

/**
 * The metrics in one line of a function's log, with their dimensions. CloudWatch knows a metric only with all of
 * them, so an alarm on a metric with other dimensions would never get a value.
 */
export function publishedMetrics(line: string): string[] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const document: MetricDocument = JSON.parse(line);
  return document._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = names.map((name): [string, string] => [name, String(document[name])]);
      return Metrics.map(({ Name }) => metricText(Namespace, Name, dimensions));
    }),
  );
}

interface MetricDocument {
  readonly [name: string]: unknown;
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** The project's own metrics that alarms and dashboards of a template use. */
export function watchedMetrics(template: TemplateJson): string[] {
  const watched = Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    if (Type === 'AWS::CloudWatch::Alarm') return alarmMetrics(Properties as AlarmProperties);
    if (Type !== 'AWS::CloudWatch::Dashboard') return [];
    return dashboardMetrics(deployedValue(Properties.DashboardBody, template));
  });
  return [...new Set(watched)].filter((metric) => metric.startsWith(NAMESPACE)).sort();
}

interface AlarmMetric {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

interface AlarmProperties extends AlarmMetric {
  /** Of an alarm on an expression. */
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: AlarmMetric } }[];
}

function alarmMetrics({ Metrics = [], ...single }: AlarmProperties): string[] {
  return [single, ...Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []))].flatMap(
    alarmMetric,
  );
}

function alarmMetric({ Namespace = '', MetricName = '', Dimensions = [] }: AlarmMetric): string[] {
  return [
    metricText(
      Namespace,
      MetricName,
      Dimensions.map(({ Name, Value }) => [Name, Value]),
    ),
  ];
}

/** `[namespace, name, dimension, value, …, options]`, as in the body of a dashboard. */
function dashboardMetrics(body: string): string[] {
  const { widgets }: { widgets: { properties: { metrics?: unknown[][] } }[] } = JSON.parse(body);
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.map((row) => {
      const [namespace = '', name = '', ...rest] = row.filter(
        (part): part is string => typeof part === 'string',
      );
      const pairs = rest.flatMap((part, i): [string, string][] => (i % 2 ? [] : [[part, rest[i + 1] ?? '']]));
      return metricText(namespace, name, pairs);
    }),
  );
}

function metricText(
  namespace: string,
  name: string,
  dimensions: readonly (readonly [string, string])[],
): string {
  const sorted = dimensions.map(([key, value]) => `${key}=${value}`).sort();
  return `${namespace} ${name} ${sorted.join(' ')}`;
}
