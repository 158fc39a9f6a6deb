import { existsSync } from 'node:fs';
import { handlerFile } from '../bundle.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { consistencyAudit } from './consistency-audit.ts';
import { dashboardWidget } from './dashboard-widget.ts';
import type { FunctionDefinition } from './function.ts';
import { operations, operationsRead } from './operations.ts';
import { orphanSweep } from './orphan-sweep.ts';
import { outlet } from './outlet.ts';
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

/** Every function of any environment whose handler exists. To remove a function, delete its handler. */
export const FUNCTIONS: readonly FunctionDefinition[] = LISTED.filter(({ handler }) =>
  existsSync(handlerFile(handler)),
);

/** The same, plus the functions that only some environments have. */
export function functionsOf({
  outlet: bus,
}: Pick<EnvironmentSettings, 'outlet'>): readonly FunctionDefinition[] {
  return bus ? [...FUNCTIONS, outlet] : FUNCTIONS;
}
