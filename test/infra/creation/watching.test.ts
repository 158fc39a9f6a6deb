import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { deployedValue } from '../../support/template-values.ts';

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly Period?: number;
  readonly MetricStat?: { readonly Period: number; readonly Metric: MetricName };
}

interface MetricName {
  readonly Namespace: string;
  readonly Dimensions?: readonly object[];
}

interface AlarmProperties extends Partial<MetricName> {
  readonly Metrics?: readonly MetricQuery[];
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly TreatMissingData: string;
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
describe.each(ENVIRONMENTS)('every alarm of %s', (environment) => {
  const { template } = deployed(environment);
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
    ([, properties]) => [String(properties.AlarmName), properties as unknown as AlarmProperties] as const,
  );

  test('looks back a day at most, or seven where a period is an hour or more', () => {
    for (const [name, alarm] of alarms) {
      const longest = Math.max(...periodsOf(alarm));
      const most = longest >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS;
      expect(alarm.EvaluationPeriods * longest, name).toBeLessThanOrEqual(most);
      expect(alarm.DatapointsToAlarm, name).toBeLessThanOrEqual(alarm.EvaluationPeriods);
    }
  });

  test('has periods that CloudWatch keeps', () => {
    for (const [name, alarm] of alarms) {
      for (const period of periodsOf(alarm))
        expect(period === 10 || period === 30 || period % 60 === 0, name).toBe(true);
    }
  });

  test('asks for one metric, or one result of at most ten', () => {
    for (const [name, { Metrics, Namespace, Statistic, ExtendedStatistic }] of alarms) {
      expect(Metrics === undefined, name).toBe(Namespace !== undefined);
      expect(Statistic !== undefined && ExtendedStatistic !== undefined, name).toBe(false);
      if (!Metrics) continue;
      expect(Metrics.length, name).toBeLessThanOrEqual(10);
      expect(Metrics.filter(({ ReturnData }) => ReturnData !== false).length, name).toBe(1);
      for (const { Id, Expression } of Metrics) {
        expect(Id, name).toMatch(/^[a-z]\w*$/);
        expect(Expression ?? '', name).not.toMatch(/SEARCH|METRICS\(\)/);
      }
    }
  });

  test('names a namespace and at most thirty dimensions', () => {
    for (const [name, alarm] of alarms) {
      for (const { Namespace, Dimensions = [] } of metricsOf(alarm)) {
        expect(Namespace, name).toMatch(/^[\w.\-/#:]{1,255}$/);
        expect(Dimensions.length, name).toBeLessThanOrEqual(30);
      }
    }
  });

  test('treats missing data in a known way, and tells at most five', () => {
    for (const [name, { TreatMissingData, AlarmActions = [], OKActions = [] }] of alarms) {
      expect(['breaching', 'notBreaching', 'ignore', 'missing'], name).toContain(TreatMissingData);
      expect(Math.max(AlarmActions.length, OKActions.length), name).toBeLessThanOrEqual(5);
    }
  });
});

function periodsOf({ Period, Metrics = [] }: AlarmProperties): number[] {
  return [Period, ...Metrics.flatMap((query) => [query.Period, query.MetricStat?.Period])].filter(
    (period): period is number => period !== undefined,
  );
}

function metricsOf({ Namespace, Dimensions, Metrics = [] }: AlarmProperties): MetricName[] {
  const queried = Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
  return Namespace === undefined ? queried : [{ Namespace, ...(Dimensions && { Dimensions }) }];
}

interface Widget {
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly metrics?: readonly unknown[] };
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
test.each(ENVIRONMENTS)('the dashboard of %s fits: widgets, metrics, bytes', (environment) => {
  const { template } = deployed(environment);
  const [[, { DashboardBody }] = ['', {}]] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
  const text = deployedValue(DashboardBody, template);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_048_576);
  const { widgets }: { widgets: readonly Widget[] } = JSON.parse(text);
  expect(widgets.length).toBeLessThanOrEqual(500);
  const metrics = widgets.map(({ properties }) => properties.metrics?.length ?? 0);
  expect(Math.max(...metrics)).toBeLessThanOrEqual(500);
  expect(metrics.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2_500);
  for (const { x, width, height } of widgets) {
    expect(x + width).toBeLessThanOrEqual(24);
    expect(height).toBeLessThanOrEqual(1_000);
  }
});
