import { STORAGE_SETTINGS } from '../../shared/pipeline/storage.ts';
import { besideApprovals, items, lookIntoBuckets, readRows, removeWords } from '../access.ts';
import { type FunctionDefinition, SHORT } from './function.ts';

export const operations: FunctionDefinition = {
  ...SHORT,
  handler: 'operations',
  description: 'Answers aws lambda invoke with {"operation": ...}',
  settings: [
    ...(['trackingTable', 'projectionTable', 'pipelineProfile', 'answerForm', 'approval'] as const),
    ...STORAGE_SETTINGS,
  ],
  access: (resources) => [
    { actions: items('BatchGet', 'Get', 'Query', 'Update'), resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    { actions: items('Get', 'Query'), resources: [resources.projectionArn] },
    besideApprovals(resources, 'Put', 'Update'),
    removeWords(resources),
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
    readRows(resources),
  ],
};

/** The same code for people who may only read: its role cannot write, whatever the request. */
export const operationsRead: FunctionDefinition = {
  ...operations,
  handler: 'operations-read',
  description: 'Answers aws lambda invoke with a read-only {"operation": ...}; it cannot write',
  access: (resources) => [
    { actions: items('Get', 'Query'), resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    { actions: items('Get', 'Query'), resources: [resources.projectionArn] },
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
    readRows(resources),
  ],
};
