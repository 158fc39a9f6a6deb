import { Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** A row of graphs under a heading. */
export interface DashboardRow {
  readonly heading: string;
  /** What the row shows, in one sentence. */
  readonly help: string;
  readonly graphs: readonly DashboardGraph[];
}

export interface DashboardGraph {
  readonly title: string;
  readonly metrics: readonly IMetric[];
  /** The unit of the numbers, if the title does not say it. */
  readonly unit?: string;
  readonly stacked?: boolean;
}

/** The address of the dashboard of that name, for messages. */
export function dashboardUrl(scope: Construct, name: string): string {
  const { region } = Stack.of(scope);
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`;
}

const WIDTH = 24;
const HEIGHT = 6;

/**
 * The dashboard of one environment: the alarms first, then the widget that draws the files' states, then the rows.
 *
 * @param widget the function that draws; undefined if it is not deployed
 */
export function createDashboard(
  scope: Construct,
  name: string,
  alarms: readonly Alarm[],
  widget: { readonly functionArn: string } | undefined,
  rows: readonly DashboardRow[],
): Dashboard {
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH, height: 3 })],
      ...(widget ? [[stateWidget(widget.functionArn)]] : []),
      ...rows.flatMap(rowWidgets),
    ],
  });
}

function stateWidget(functionArn: string): IWidget {
  return new CustomWidget({
    functionArn,
    title: 'Files',
    width: WIDTH,
    height: 16,
    updateOnRefresh: true,
    updateOnResize: false,
    updateOnTimeRangeChange: true,
  });
}

function rowWidgets({ heading, help, graphs }: DashboardRow): IWidget[][] {
  const width = Math.floor(WIDTH / graphs.length);
  return [
    [new TextWidget({ markdown: `## ${heading}\n${help}`, width: WIDTH, height: 2 })],
    graphs.map(
      ({ title, metrics, unit, stacked = false }) =>
        new GraphWidget({
          title,
          left: [...metrics],
          width,
          height: HEIGHT,
          stacked,
          leftYAxis: { min: 0, ...(unit && { label: unit, showUnits: false }) },
        }),
    ),
  ];
}
