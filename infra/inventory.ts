import { App, Stack } from 'aws-cdk-lib';
import { CfnAlarm, CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IConstruct } from 'constructs';
import { NAMESPACE } from '../shared/metrics/names.ts';
import { StateManagerStage } from './app.ts';
import type { EnvironmentSettings } from './settings.ts';

/** Everything in a stack, as it would be deployed, that its price depends on. */
export interface Inventory {
  /** The project's own metrics that alarms and graphs use; nothing else is published (`names.test.ts`). */
  readonly metrics: readonly OwnMetric[];
  /** Metrics that alarms watch, counted once per alarm. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
  /** Metrics that Lambda publishes for a mapping on request; assumed to be billed, because it is not certain that they are free. */
  readonly mappingMetrics: number;
  readonly logDays: number;
  /** By function name without prefix and environment, such as `stream-consumer`. */
  readonly functionGigabytes: Readonly<Record<string, number>>;
  /** How often per day each schedule starts something, by its part of the name, such as `orphan-sweep`. */
  readonly startsPerDay: Readonly<Record<string, number>>;
  readonly stream: EnvironmentSettings['stream'];
  /** Of the projection table. */
  readonly capacity: EnvironmentSettings['capacity'];
}

/** A metric with its dimensions except `environment`. */
export interface OwnMetric {
  readonly service: string;
  readonly name: string;
  /** Such as a status, for a metric that is published for each of them. */
  readonly of: string | undefined;
}

// Two for each direction and bound: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
const ALARMS_PER_SCALED_CAPACITY = 4;
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
const METRICS_PER_MAPPING = 6;

/**
 * Creates the stack that these settings would deploy, without its code, and counts.
 *
 * @param bundleFolder a folder for each handler, with anything in it
 */
export function inventoryOf(settings: EnvironmentSettings, bundleFolder: string, outdir: string): Inventory {
  const stage = new StateManagerStage(new App({ outdir }), settings, bundleFolder);
  const all = stage.node.findAll();
  const alarms = all.filter((each) => each instanceof CfnAlarm);
  const dashboards = all.filter((each) => each instanceof CfnDashboard);
  const mappings = all.filter((each) => each instanceof CfnEventSourceMapping);
  const watched = [...alarms.flatMap(metricsOfAlarm), ...dashboards.flatMap(metricsOfDashboard)];
  const tables = all.filter((each) => each instanceof CfnGlobalTable);
  const scaled = tables.filter(({ billingMode }) => billingMode === 'PROVISIONED').length * 2;
  return {
    metrics: ownMetrics(watched),
    alarmMetrics: alarms.flatMap(metricsOfAlarm).length + scaled * ALARMS_PER_SCALED_CAPACITY,
    dashboards: dashboards.length,
    mappingMetrics:
      mappings.filter(({ metricsConfig }) => metricsConfig !== undefined).length * METRICS_PER_MAPPING,
    logDays: Math.max(...logGroups(all).map(({ retentionInDays = 0 }) => retentionInDays)),
    functionGigabytes: gigabytesOf(all, settings),
    startsPerDay: startsOf(all, settings),
    stream: settings.stream,
    capacity: settings.capacity,
  };
}

function logGroups(all: readonly IConstruct[]): CfnLogGroup[] {
  return all.filter((each) => each instanceof CfnLogGroup);
}

/** As `[namespace, name, dimension, value, …]`. */
type MetricPath = readonly string[];

interface Dimension {
  readonly name: string;
  readonly value: string;
}

interface AlarmQuery {
  readonly metricStat?: {
    readonly metric: {
      readonly namespace?: string;
      readonly metricName?: string;
      readonly dimensions?: readonly Dimension[];
    };
  };
}

function metricsOfAlarm(alarm: CfnAlarm): MetricPath[] {
  const path = (namespace = '', name = '', dimensions: readonly Dimension[] = []) => [
    namespace,
    name,
    ...dimensions.flatMap((dimension) => [dimension.name, String(dimension.value)]),
  ];
  const { namespace, metricName, dimensions, metrics }: Resolved = resolved(alarm, {
    namespace: alarm.namespace,
    metricName: alarm.metricName,
    dimensions: alarm.dimensions,
    metrics: alarm.metrics,
  });
  if (metrics === undefined) return [path(namespace, metricName, dimensions)];
  return metrics.flatMap(({ metricStat }) =>
    metricStat
      ? [path(metricStat.metric.namespace, metricStat.metric.metricName, metricStat.metric.dimensions)]
      : [],
  );
}

interface Resolved {
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: readonly Dimension[];
  readonly metrics?: readonly AlarmQuery[];
}

function resolved(construct: IConstruct, value: unknown): Resolved {
  return Stack.of(construct).resolve(value);
}

/** Values that are known only after deployment are tokens in the body's text; they are never metrics of our own. */
function metricsOfDashboard(dashboard: CfnDashboard): MetricPath[] {
  const body: unknown = Stack.of(dashboard).resolve(dashboard.dashboardBody);
  const parts =
    typeof body === 'string' ? [body] : (body as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'TOKEN')).join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[][] } }[] };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.map((row) => row.filter((part) => typeof part === 'string')),
  );
}

function ownMetrics(paths: readonly MetricPath[]): OwnMetric[] {
  const found = new Map<string, OwnMetric>();
  for (const [namespace, name = '', ...pairs] of paths) {
    if (namespace !== NAMESPACE) continue;
    const { service = '', environment: _, ...rest } = Object.fromEntries(pairsOf(pairs));
    const metric = { service, name, of: Object.values(rest)[0] };
    found.set(JSON.stringify(metric), metric);
  }
  return [...found.values()];
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []));
}

function gigabytesOf(all: readonly IConstruct[], settings: EnvironmentSettings): Record<string, number> {
  const functions = all.filter((each) => each instanceof CfnFunction);
  return Object.fromEntries(
    functions.map(({ functionName = '', memorySize = 128 }) => [
      partOf(functionName, settings),
      memorySize / 1_024,
    ]),
  );
}

function startsOf(all: readonly IConstruct[], settings: EnvironmentSettings): Record<string, number> {
  const schedules = all.filter((each) => each instanceof CfnSchedule);
  return Object.fromEntries(
    schedules.map(({ name = '', scheduleExpression }) => [
      partOf(name, settings),
      startsPerDay(scheduleExpression),
    ]),
  );
}

/** `FUNCTIONS-PART-ENV` without both ends. */
function partOf(name: string, { names, environment }: EnvironmentSettings): string {
  return name.replace(`${names.functionPrefix}-`, '').replace(new RegExp(`-${environment}$`), '');
}

/** @throws Error for a form of expression that no schedule here uses */
export function startsPerDay(expression: string): number {
  const [, every] = /^rate\((\d+) minutes?\)$/.exec(expression) ?? [];
  if (every) return 1_440 / Number(every);
  const [, hours = ''] = /^cron\(\d+ (\S+) \* \* \? \*\)$/.exec(expression) ?? [];
  if (hours === '*') return 24;
  if (/^\d+$/.test(hours)) return 1;
  const [, step] = /^0\/(\d+)$/.exec(hours) ?? [];
  if (step) return 24 / Number(step);
  throw new Error(
    `received "${expression}", allowed: rate(N minutes), or a cron that starts daily, hourly or every N hours`,
  );
}
