import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { bundleHandlers } from '../../infra/bundle.ts';
import { startFeed } from '../../infra/local/feed.ts';
import { localSettings } from '../../infra/local/settings.ts';
import { type LocalSystem, startLocalSystem } from '../../infra/local/system.ts';
import { openBrowser } from './browser.ts';
import { changeAndUndo, liveThroughDays, retryFailedFile, runSchedules } from './dashboard-scene.ts';

/**
 * Takes the documentation's screenshots of the page: `npm run screenshots`. If pngquant is installed, they are a third
 * of the size; if the Inter typeface is installed, they use it, as the page does.
 */

const FOLDER = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const DAYS = 13;
const FLAGS = {
  simulator: true,
  rate: 8,
  seed: 5,
  speed: 12,
  files: undefined,
  replay: undefined,
  pipeline: 'A',
  maxFiles: 6,
} as const;
const TREND_MILLIS = 75_000;
const WIDTH = 1_280;

interface Shot {
  readonly name: string;
  readonly address: string;
  readonly dark?: boolean;
  /** The height to cut the page to; by default, all of it. */
  readonly height?: number;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const settings = localSettings({ STATE_MANAGER_PORT: '15900' });
const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
const bundles = join(folder, 'bundles');
bundleHandlers(bundles);
const system = await startLocalSystem(settings, {
  bundles,
  logs: join(folder, 'logs'),
  notices: join(folder, 'notices.ndjson'),
});
const scene = { system, settings, bundles };
await liveThroughDays(scene, DAYS, (daysAgo) => 25 + ((daysAgo * 37) % 50));
await system.stream.idle();
const feed = startFeed(FLAGS, settings, system);
const file = await retryFailedFile(scene, 'Its input had been uploaded again');
await changeAndUndo(scene);
await runSchedules(scene);
await lookAgainAndAgain(system);
const browser = await openBrowser();
mkdirSync(FOLDER, { recursive: true });
for (const shot of shots(file)) await take(browser, shot);
await browser.close();
await feed.stop();
await system.stop();

function shots({ date_prefix: date, file_key }: { date_prefix: string; file_key: string }): Shot[] {
  const oneFile = `/?${new URLSearchParams({ view: 'file', date, file: file_key })}`;
  return [
    { name: 'overview-light', address: '/' },
    { name: 'overview-dark', address: '/', dark: true },
    { name: 'dates-light', address: '/?view=dates' },
    { name: 'file-dark', address: oneFile, dark: true },
    { name: 'orphans-light', address: '/?view=orphans', height: 760 },
    { name: 'changes-light', address: '/?view=changes' },
  ];
}

/** The trend consists of samples that are taken when somebody opens the page; the watchdog watches meanwhile. */
async function lookAgainAndAgain({ url, watchdog }: LocalSystem): Promise<void> {
  const end = Date.now() + TREND_MILLIS;
  while (Date.now() < end) {
    await watchdog.invoke({});
    await fetch(url);
    await sleep(2_500);
  }
}

async function take(browser: Browser, { name, address, dark = false, height }: Shot): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: height ?? 400 },
    colorScheme: dark ? 'dark' : 'light',
  });
  await page.goto(system.url + address);
  // In a window as tall as the page, so that the bar at its bottom covers nothing.
  const tall = Number(await page.evaluate('document.documentElement.scrollHeight'));
  if (height === undefined) await page.setViewportSize({ width: WIDTH, height: tall });
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, fullPage: height === undefined });
  await page.close();
  spawnSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '96', path]);
}
