import { ASSUMED, MEASURED, monthlyCosts } from './costs.ts';
import { PRICE_SOURCES, PRICED_ON } from './prices.ts';
import { STREAM_SETTINGS } from './stream-settings.ts';

/** Prints the table of costs as the README has it: `npm run costs`. */
const VOLUMES = [10_000, 338_000, 10_000_000];

process.stdout.write(`${table(VOLUMES)}\n\n${assumptions()}\n`);

function table(volumes: readonly number[]): string {
  const costs = volumes.map(monthlyCosts);
  const totals = costs.map((cost) => cost.reduce((sum, { dollars }) => sum + dollars, 0));
  const rows = (costs[0] ?? []).map(({ what }, i) => [
    what,
    ...costs.map((cost) => money(cost[i]?.dollars ?? 0)),
  ]);
  const perMillion = totals.map((total, i) =>
    money((total / ((volumes[i] ?? 1) * ASSUMED.daysPerMonth)) * 1e6),
  );
  return [
    line(['US dollars a month', ...volumes.map((files) => `${files.toLocaleString('en-US')} files a day`)]),
    line(['---', ...volumes.map(() => '--:')]),
    ...rows.map(line),
    line(['**Total**', ...totals.map((total) => `**${money(total)}**`)]),
    line(['for a million files', ...perMillion]),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function money(dollars: number): string {
  const digits = dollars < 10 ? 2 : 0;
  return dollars.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function assumptions(): string {
  const units = MEASURED.writeUnits.map(([size, cost]) => `${cost} at ${size}`).join(', ');
  return [
    `Prices of us-east-1 on ${PRICED_ON}, on demand, without free tiers (${PRICE_SOURCES.join(', ')}).`,
    `Measured (\`npm run bench\`): ${MEASURED.transitionsPerFile} transitions and ${MEASURED.otherRecordsPerFile} other records per file; write units per transition by records in a batch: ${units}.`,
    `Assumed: files spread evenly over the day, batches of at most ${STREAM_SETTINGS.batchSize} records or ${STREAM_SETTINGS.maximumBatchingWindowSeconds} second, records kept for ${ASSUMED.daysKept} days, ${ASSUMED.hoursInFlight} hour in flight, ${ASSUMED.filesPerManifest} files in a manifest.`,
  ].join('\n');
}
