import { existsSync } from 'node:fs';
import { handlerFile } from '../bundle.ts';
import { consistencyAudit } from './consistency-audit.ts';
import { dashboardWidget } from './dashboard-widget.ts';
import type { FunctionDefinition } from './function.ts';
import { operations, operationsRead } from './operations.ts';
import { orphanSweep } from './orphan-sweep.ts';
import { projectionRebuild } from './projection-rebuild.ts';
import { statsPublisher } from './stats-publisher.ts';
import { streamConsumer } from './stream-consumer.ts';
import { watchdog } from './watchdog.ts';

const LISTED: readonly FunctionDefinition[] = [
  streamConsumer,
  operations,
  operationsRead,
  dashboardWidget,
  statsPublisher,
  orphanSweep,
  consistencyAudit,
  projectionRebuild,
  watchdog,
];

/** Every function whose handler exists: to take one away is to delete its handler. */
export const FUNCTIONS: readonly FunctionDefinition[] = LISTED.filter(({ handler }) =>
  existsSync(handlerFile(handler)),
);
