import { existsSync } from 'node:fs';
import type { Setting } from '../shared/aws/config.ts';
import type { FunctionName } from '../shared/aws/deployment-names.ts';
import { STORAGE_SETTINGS } from '../shared/pipeline/storage.ts';
import type { Access, Resources } from './access.ts';
import { handlerFile } from './bundle.ts';
import {
  auditAccess,
  consumerAccess,
  operationsAccess,
  rebuildAccess,
  statsAccess,
  sweepAccess,
  widgetAccess,
} from './function-access.ts';
import type { EnvironmentSettings } from './settings.ts';

/** One function: what of AWS's settings it gets, and all that it may do. */
export interface FunctionDefinition {
  /** Its file in `handlers/`, without extension. */
  readonly handler: FunctionName;
  readonly description: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** What the handler's `readConfig` asks for. */
  readonly settings: readonly Setting[];
  access(resources: Resources, settings: EnvironmentSettings): Access[];
}

/** Somebody waits for the answer, or the stream does. */
const SHORT = { memoryMegabytes: 512, timeoutSeconds: 60 };
/** As long as Lambda allows: what is not done by then goes on in the next invocation. */
const LONG = { memoryMegabytes: 1_024, timeoutSeconds: 900 };

const TABLES = ['trackingTable', 'projectionTable'] as const;

const LISTED: readonly FunctionDefinition[] = [
  {
    ...SHORT,
    handler: 'stream-consumer',
    description: "Keeps heads, timelines and counters in step with the tracking table's stream",
    settings: ['environment', 'projectionTable', 'deadLetterBucket'],
    access: consumerAccess,
  },
  {
    ...SHORT,
    handler: 'operations',
    description: 'Answers aws lambda invoke with {"operation": ...}',
    settings: [...TABLES, ...STORAGE_SETTINGS],
    access: operationsAccess,
  },
  {
    ...SHORT,
    handler: 'dashboard-widget',
    description: 'Draws where the files are into the CloudWatch dashboard',
    settings: ['environment', ...TABLES, ...STORAGE_SETTINGS],
    access: widgetAccess,
  },
  {
    ...SHORT,
    handler: 'stats-publisher',
    description: 'Publishes what the projection counts',
    settings: ['environment', 'projectionTable', 'deadLetterBucket'],
    access: statsAccess,
  },
  {
    ...LONG,
    handler: 'orphan-sweep',
    description: 'Searches for files that will not move by themselves, and heals them as far as it may',
    settings: ['environment', ...TABLES, 'deadLetterBucket', 'autoHeal', ...STORAGE_SETTINGS],
    access: sweepAccess,
  },
  {
    ...LONG,
    handler: 'consistency-audit',
    description: 'Compares one date in S3, the tracking table and the projection, and repairs the projection',
    settings: ['environment', ...TABLES, 'deadLetterBucket', ...STORAGE_SETTINGS],
    access: auditAccess,
  },
  {
    ...LONG,
    handler: 'projection-rebuild',
    description: 'Gives a head to every record of one segment of the tracking table that has none',
    settings: TABLES,
    access: rebuildAccess,
  },
];

/** Every function whose handler exists: to take one away is to delete its handler. */
export const FUNCTIONS: readonly FunctionDefinition[] = LISTED.filter(({ handler }) =>
  existsSync(handlerFile(handler)),
);
