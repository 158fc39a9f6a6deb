/** @module-tag long */
import { readFileSync } from 'node:fs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { dayOf } from '../../../shared/text/time.ts';
import { hasChromium, NO_CHROMIUM, openBrowser, openPage } from '../../support/browser.ts';
import { localFolders } from '../../support/bundles.ts';
import { freeLocalSettings } from '../../support/free-ports.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
// A day that is over, so that it cannot end while this runs.
const DAY = dayOf(NOW - 48 * HOUR);
const HEAP = failureClass('Java heap space').id;
const settings = await freeLocalSettings();

let system: LocalSystem;

beforeAll(async () => {
  system = await startLocalSystem(settings, localFolders());
  for (let i = 0; i < 60; i++) {
    const isHeap = i % 4 === 0;
    await put(`fail-${String(i).padStart(2, '0')}.ndjson`, {
      status: `failed#${i % 10}`,
      failed_time: ago(i + 1),
      error_message: isHeap ? 'Java heap space' : 'Rate exceeded',
      manifest_path: `s3://m/manifests/${DAY}/batch-000${i % 2}.json`,
    });
  }
  await put('wait-long.ndjson', { status: 'processing#1', processing_start_time: ago(9) });
  await put('wait-short.ndjson', { status: 'processing#2', processing_start_time: ago(1) });
  await system.stream.idle();
}, 120_000);

afterAll(() => system.stop());

const ago = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

async function put(file_key: string, attributes: object): Promise<void> {
  const documents = DynamoDBDocumentClient.from(system.dynamoDb);
  const Item = { date_prefix: DAY, file_key, created_at: ago(70), ...attributes };
  await documents.send(new PutCommand({ TableName: settings.names.trackingTable, Item }));
}

describe.skipIf(!hasChromium)(`lists in Chromium${hasChromium ? '' : ` (${NO_CHROMIUM})`}`, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    page = await openPage(browser, { viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  });

  afterAll(() => browser.close());

  const names = () => page.locator('.sm-table .sm-link .sm-name').allTextContents();

  async function search(text: string): Promise<void> {
    await page.goto(system.url);
    await page.getByPlaceholder('Find a file').fill(text);
    await page.keyboard.press('Enter');
    await page.waitForURL(/view=find/);
  }

  test('a part of a name is searched for: one match is shown, several are listed, and for none the page says where it looked', async () => {
    await search('wait-lo');
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('wait-long.ndjson');
    await search('wait-');
    expect((await names()).sort()).toEqual(['wait-long.ndjson', 'wait-short.ndjson']);
    await page.getByRole('link', { name: 'wait-short' }).click();
    await page.getByRole('heading', { level: 2, name: 'wait-short.ndjson' }).waitFor();
    await search('no-such-thing');
    expect(await page.locator('.sm-view').textContent()).toContain('None of the 62 names');
  });

  test('a date and a cause are searched for in the same box', async () => {
    await search(DAY);
    await page.getByRole('heading', { level: 2, name: `Files of ${DAY}` }).waitFor();
    await search('heap space');
    await page.getByRole('heading', { level: 2, name: 'Java heap space' }).waitFor();
  });

  test('files in flight are listed by how long they have waited, and can be sorted', async () => {
    await page.goto(`${system.url}/?view=files&status=processing`);
    expect(await names()).toEqual(['wait-long.ndjson', 'wait-short.ndjson']);
    await page.getByRole('link', { name: 'newest first' }).click();
    await page.waitForURL(/sort=newest/);
    expect(await names()).toEqual(['wait-short.ndjson', 'wait-long.ndjson']);
    await page.goto(`${system.url}/?view=files&status=failed&sort=error`);
    const groups = await page.locator('.sm-group').allTextContents();
    expect(groups[0]).toContain('Rate exceeded 45');
  });

  test('a filter by age leaves out younger files, and can be removed', async () => {
    await page.goto(`${system.url}/?view=files&status=processing`);
    await page.getByPlaceholder('older than').fill('4h');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/older=4h/);
    expect(await names()).toEqual(['wait-long.ndjson']);
    expect(await page.locator('.sm-command', { hasText: 'files.ts' }).textContent()).toContain(
      '--older-than 4h',
    );
    await page.locator('.sm-filter').getByRole('link', { name: 'Clear' }).click();
    await page.locator('.sm-name', { hasText: 'wait-short' }).waitFor();
  });

  test('a list has pages, forward and back', async () => {
    await page.goto(`${system.url}/?view=files&status=failed`);
    expect(await names()).toHaveLength(50);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.waitForURL(/next=/);
    expect(await names()).toHaveLength(10);
    await page.getByRole('link', { name: 'Previous' }).click();
    await page.getByRole('link', { name: 'Next' }).waitFor();
    expect(await names()).toHaveLength(50);
  });

  test('a cause leads to its files, as many as it says', async () => {
    await page.goto(`${system.url}/?view=failures`);
    await page.getByRole('link', { name: 'Java heap space' }).click();
    await page.getByRole('link', { name: 'Show the 15 files that are failed' }).click();
    await page.waitForURL(/view=files/);
    expect(await names()).toHaveLength(15);
    expect(await page.locator('.sm-command', { hasText: 'batch-update' }).textContent()).toContain(
      `--class ${HEAP} --new-status pending`,
    );
  });

  test('a list is downloaded whole, as CSV and as NDJSON', async () => {
    await page.goto(`${system.url}/?view=files&status=failed&class=${HEAP}`);
    const download = async (label: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: label, exact: true }).click(),
      ]);
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
    };
    const csv = await download('CSV');
    expect(csv.name).toBe('files.csv');
    expect(csv.text.trim().split('\n')).toHaveLength(16);
    expect(csv.text).toMatch(/^status,date_prefix,file_key,since,/);
    const ndjson = await download('NDJSON');
    expect(ndjson.name).toBe('files.ndjson');
    expect(JSON.parse(ndjson.text.split('\n')[0] ?? '')).toMatchObject({
      status: 'failed',
      date_prefix: DAY,
    });
  });
});
