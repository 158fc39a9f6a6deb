/** @module-tag long */
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFeed } from '../../../infra/local/feed.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { STATUSES } from '../../../shared/pipeline/status.ts';
import { visibleText } from '../../../shared/text/visible-text.ts';
import { hasChromium, NO_CHROMIUM, openBrowser, openPage } from '../../support/browser.ts';
import { localFolders } from '../../support/bundles.ts';
import { busiestDate } from '../../support/busiest-date.ts';
import { freeLocalSettings } from '../../support/free-ports.ts';

const HOSTILE = `<img src=x onerror=window.hit=1><script>window.hit=1</script>"'\u0000\u202e`;
const FLAGS = {
  simulator: true,
  rate: 200,
  seed: 7,
  speed: 100,
  files: 120,
  replay: undefined,
  pipeline: 'A',
  maxFiles: 6,
} as const;
const LOCKED = failureClass("Table 'orders' is locked by writer 1").id;
const settings = await freeLocalSettings();

let system: LocalSystem;
let day: string;

beforeAll(async () => {
  system = await startLocalSystem(settings, localFolders());
  await startFeed(FLAGS, settings, system).done;
  day = await busiestDate(DynamoDBDocumentClient.from(system.dynamoDb), settings.names.trackingTable);
  await putFile(HOSTILE);
  for (const [i, table] of ['orders', 'customers', '<b>x</b>'].entries()) {
    const error_message = `An error occurred while calling o6${i}.parquet. Table '${table}' is locked by writer ${i}`;
    await putFile(`locked-${i}.ndjson`, { status: 'failed#3', error_message });
  }
  await system.stream.idle();
});

afterAll(() => system.stop());

async function putFile(file_key: string, attributes: object = {}): Promise<void> {
  const created_at = new Date().toISOString();
  const Item = { date_prefix: day, file_key, status: 'pending#3', created_at, ...attributes };
  const documents = DynamoDBDocumentClient.from(system.dynamoDb);
  await documents.send(new PutCommand({ TableName: settings.names.trackingTable, Item }));
}

async function stats(): Promise<{ stats: Record<string, number>; total: number }> {
  const { payload } = await system.operations.invoke({ operation: 'get_stats' });
  return payload as { stats: Record<string, number>; total: number };
}

test('the page loads nothing from elsewhere, and runs no code but its own', async () => {
  const { headers } = await fetch(system.url);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('an address that is not a page is refused as such', async () => {
  expect((await fetch(`${system.url}/favicon.ico`)).status).toBe(404);
  expect((await fetch(system.url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${system.url}/?view=%3Cb%3E`)).status).toBe(200);
});

describe.skipIf(!hasChromium)(`in Chromium${hasChromium ? '' : ` (${NO_CHROMIUM})`}`, () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('requestfailed', (request) => {
      const { errorText = '' } = request.failure() ?? {};
      // Leaving the page aborts its refresh.
      if (errorText !== 'net::ERR_ABORTED') problems.push(`${request.url()}: ${errorText}`);
    });
    page.on('dialog', (dialog) => problems.push(`dialog: ${dialog.message()}`));
  });

  afterAll(() => browser.close());

  test('the overview shows the numbers that get_stats gives', async () => {
    const { stats: counts, total } = await stats();
    await page.goto(system.url);
    for (const status of [...STATUSES, 'total']) {
      const shown = await page.locator(`[data-status="${status}"]`).textContent();
      expect(Number(shown?.replaceAll(',', ''))).toBe(status === 'total' ? total : counts[status]);
    }
    expect(total).toBeGreaterThan(100);
  });

  test('a date leads to its files, and each to its timeline', async () => {
    await page.goto(system.url);
    await page.getByRole('link', { name: 'Dates' }).click();
    await page.getByRole('link', { name: day }).click();
    await page.getByRole('link', { name: /completed/ }).click();
    const file = page.locator('.sm-table .sm-name').first();
    const name = await file.textContent();
    await file.click();
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(name);
    const events = await page.locator('.sm-steps th[scope=row]').allTextContents();
    expect(events.map((event) => event.trim())).toEqual(expect.arrayContaining(['uploaded', 'completed']));
    expect(await page.locator('.sm-steps svg.sm-bar').count()).toBe(events.length);
  });

  test('the overview leads to a cause of failures, its dates and its files, and a file leads back', async () => {
    await page.goto(system.url);
    await page.getByRole('link', { name: 'Failures' }).click();
    await page.getByRole('link', { name: 'Table <name> is locked' }).click();
    const heading = page.getByRole('heading', { level: 2 }).first();
    expect(await heading.textContent()).toBe('Table <name> is locked by writer <n>');
    const command = await page.locator('.sm-command').textContent();
    expect(command).toMatch(
      /batch-update\.ts --status failed --class table-\S+ --new-status pending --env local/,
    );
    await page.getByRole('link', { name: day }).first().click();
    const names = await page.locator('.sm-table .sm-name').allTextContents();
    expect(names.sort()).toEqual(['locked-0.ndjson', 'locked-1.ndjson', 'locked-2.ndjson']);
    await page.getByRole('link', { name: 'locked-1.ndjson' }).click();
    await page.locator('.sm-banner').getByRole('link', { name: 'Table <name>' }).click();
    expect(await heading.textContent()).toBe('Table <name> is locked by writer <n>');
    expect(await page.locator('.sm-number').first().textContent()).toContain('3');
  });

  test('a name full of markup is text, wherever it is shown', async () => {
    await page.goto(`${system.url}/?view=files&date=${day}&status=pending`);
    const link = page.getByRole('link', { name: '<img' });
    expect(await link.textContent()).toBe(visibleText(HOSTILE));
    await link.click();
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(visibleText(HOSTILE));
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('window.hit')).toBeUndefined();
  });

  test('a file is found by its name', async () => {
    await page.goto(system.url);
    await page.getByPlaceholder('Find a file').fill(`in/${day}/nothing of that name`);
    await page.keyboard.press('Enter');
    await page.waitForURL(/view=find/);
    expect(await page.locator('.sm-view').textContent()).toContain('No record of');
  });

  test('everything can be reached with the keyboard', async () => {
    await page.goto(system.url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Dates');
    await page.keyboard.press('Enter');
    await page.waitForURL(/view=dates/);
    expect(await page.locator('[aria-current=page]').textContent()).toBe('Dates');
  });

  test('no view is wider than a narrow or a wide window', async () => {
    const views = [
      '/',
      '/?view=dates',
      `/?view=files&date=${day}`,
      '/?view=files&status=failed',
      '/?view=failures',
      `/?view=failures&date=${day}`,
      `/?view=failures&class=${LOCKED}`,
      `/?view=files&class=${LOCKED}`,
      '/?view=orphans',
      '/?view=changes',
      `/?${new URLSearchParams({ view: 'file', date: day, file: HOSTILE })}`,
    ];
    for (const width of [400, 1_600]) {
      await page.setViewportSize({ width, height: 800 });
      for (const view of views) {
        await page.goto(system.url + view);
        expect([view, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([view, width]);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('the page refreshes itself, and the focus stays', async () => {
    await page.goto(system.url);
    await page.getByRole('link', { name: 'Orphans' }).focus();
    const { stats: before } = await stats();
    await putFile(`${day}-one-more.ndjson`);
    await page.locator('[data-status="pending"]', { hasText: String((before.pending ?? 0) + 1) }).waitFor();
    expect(await page.locator(':focus').textContent()).toBe('Orphans');
  });

  test('a click on a command copies it', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${system.url}/?view=orphans`);
    await page.locator('.sm-command').first().click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `STATE_MANAGER_PORT=${new URL(system.url).port} npx tsx runbooks/find-orphans.ts --env local`,
    );
  });

  test('no console error, failed request or dialog occurred', () => {
    expect(problems).toEqual([]);
  });

  test('the page says when the system no longer responds', async () => {
    const visitor = await openPage(browser);
    await visitor.goto(system.url);
    await visitor.route('**/*', (route) => route.abort());
    await visitor.getByRole('alert').waitFor();
    expect(await visitor.getByRole('alert').textContent()).toContain('not responding');
    await visitor.close();
  });
});
