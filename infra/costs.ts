import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isEntry } from '../shared/aws/process-environment.ts';
import { ASSUMED, type CostInputs, monthlyCosts } from './cost-model.ts';
import { FUNCTIONS } from './functions/all.ts';
import { type Inventory, inventoryOf } from './inventory.ts';
import { type MeasuredUnits, unitsOfBatches } from './measured-units.ts';
import { PRICE_SOURCES, PRICED_ON } from './prices.ts';
import { type EnvironmentSettings, environmentSettings } from './settings.ts';
import { TARGET_PERCENT } from './storage.ts';

const VOLUMES = [10_000, 338_000, 10_000_000];
const WINDOWS = [1, 5, 20, 60, 300];
const PROVISIONED = {
  mode: 'provisioned',
  write: { least: 10, most: 10_000 },
  read: { least: 5, most: 2_000 },
} as const;

export const MEASURED: MeasuredUnits = JSON.parse(
  readFileSync(new URL('measured-units.json', import.meta.url), 'utf8'),
);

/** What prod would deploy with some of its settings changed; nothing is bundled. */
export function prodInventory(changed: Partial<EnvironmentSettings> = {}): Inventory {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-costs-'));
  try {
    for (const { handler } of FUNCTIONS) {
      mkdirSync(join(folder, handler));
      writeFileSync(join(folder, handler, 'index.mjs'), '');
    }
    const settings = { ...environmentSettings('prod', {}), ...changed };
    return inventoryOf(settings, folder, join(folder, 'out'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function totalCost(filesPerDay: number, inputs: CostInputs): number {
  return monthlyCosts(filesPerDay, inputs).reduce((sum, { dollars }) => sum + dollars, 0);
}

/** What prod costs in a month with its default settings, and the total with provisioned capacity. */
export function costsTable(): string {
  const inputs = { inventory: prodInventory(), units: MEASURED };
  const provisioned = { inventory: prodInventory({ capacity: PROVISIONED }), units: MEASURED };
  const costs = VOLUMES.map((files) => monthlyCosts(files, inputs));
  const totals = VOLUMES.map((files) => totalCost(files, inputs));
  const rows = (costs[0] ?? []).map(({ what }, i) => [
    what,
    ...costs.map((cost) => money(cost[i]?.dollars ?? 0)),
  ]);
  return [
    line(['US dollars a month', ...VOLUMES.map((files) => `${count(files)} files a day`)]),
    line(['---', ...VOLUMES.map(() => '--:')]),
    ...rows.map(line),
    line(['**Total**', ...totals.map((total) => `**${money(total)}**`)]),
    line([
      'for a million files',
      ...totals.map((total, i) => money((total / ((VOLUMES[i] ?? 1) * ASSUMED.daysPerMonth)) * 1e6)),
    ]),
    line([
      '**Total with provisioned capacity**',
      ...VOLUMES.map((files) => `**${money(totalCost(files, provisioned))}**`),
    ]),
    '',
    assumptions(inputs),
  ].join('\n');
}

/** What freshness costs: for each batching window, the write units per transition and the costs of a month. */
export function freshnessTable(): string {
  const onDemand = prodInventory();
  const provisioned = prodInventory({ capacity: PROVISIONED });
  const cells = (filesPerDay: number, windowSeconds: number) => {
    const stream = { ...onDemand.stream, windowSeconds };
    const { recordsPerBatch, writeUnitsPerTransition } = unitsOfBatches(filesPerDay, { stream }, MEASURED);
    const total = (inventory: Inventory) =>
      money(totalCost(filesPerDay, { inventory: { ...inventory, stream }, units: MEASURED }));
    return [
      `${count(windowSeconds)} s`,
      count(Math.round(recordsPerBatch)),
      writeUnitsPerTransition.toFixed(2),
      total(onDemand),
      total(provisioned),
    ];
  };
  return [
    line([
      'files a day',
      'window',
      'records a batch',
      'write units per transition',
      '$ a month, on demand',
      '$ a month, provisioned',
    ]),
    line(['--:', '--:', '--:', '--:', '--:', '--:']),
    ...VOLUMES.flatMap((files) => WINDOWS.map((window) => line([count(files), ...cells(files, window)]))),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function money(dollars: number): string {
  const digits = dollars < 10 ? 2 : dollars < 100 ? 1 : 0;
  return dollars.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function assumptions({ inventory, units }: CostInputs): string {
  const { stream, metrics, alarmMetrics, logDays } = inventory;
  return [
    `Prices of us-east-1 on ${PRICED_ON}, without free tiers (${PRICE_SOURCES.join(', ')}).`,
    `Counted in the stack of prod: ${metrics.length} metrics of its own, each billed for the hours in which it gets a value; ${alarmMetrics} metrics that alarms watch; logs kept for ${logDays} days; batches of at most ${count(stream.batchSize)} records or ${stream.windowSeconds} seconds.`,
    `Measured on ${units.measuredOn} (\`npm run bench -- --only freshness --write-units\`): ${units.transitionsPerFile} transitions and ${units.recordsPerFile} stream records per file, and the write units of each batching window ([the curve](#freshness-and-capacity)).`,
    `Assumed: files spread evenly over the day, records kept for ${ASSUMED.daysKept} days, ${ASSUMED.hoursInFlight} hour in flight, ${ASSUMED.filesPerManifest} files in a manifest and ${ASSUMED.outputsPerManifest} output objects of it; ${count(ASSUMED.sweptPerSecond)} files a second looked at by a sweep and ${count(ASSUMED.auditedPerSecond)} by an audit; ${TARGET_PERCENT}% of provisioned capacity is used.`,
  ].join('\n');
}

// `npm run costs` prints both tables for the documentation; tests import this file.
if (isEntry(import.meta.url)) process.stdout.write(`${costsTable()}\n\n${freshnessTable()}\n`);
