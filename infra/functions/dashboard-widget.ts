import { items } from '../access.ts';
import { type FunctionDefinition, SHORT } from './function.ts';

export const dashboardWidget: FunctionDefinition = {
  ...SHORT,
  handler: 'dashboard-widget',
  description: "Draws the files' states in the CloudWatch dashboard",
  settings: ['environment', 'trackingTable', 'projectionTable', 'pipelineProfile'],
  access: ({ tracking, projectionArn }) => [
    { actions: items('Get', 'Query'), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    { actions: items('Get', 'Query'), resources: [projectionArn] },
  ],
};
