/** @module-tag long */
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFeed } from '../../../infra/local/feed.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { hasChromium, NO_CHROMIUM, openBrowser, openPage } from '../../support/browser.ts';
import { localFolders } from '../../support/bundles.ts';
import { busiestDate } from '../../support/busiest-date.ts';
import { freeLocalSettings } from '../../support/free-ports.ts';

/** Every view as people use it: with eyes, a keyboard or a screen reader, and while it refreshes itself. */

const FLAGS = {
  simulator: true,
  rate: 200,
  seed: 11,
  speed: 100,
  files: 80,
  replay: undefined,
  pipeline: 'A',
  maxFiles: 6,
} as const;
const settings = await freeLocalSettings();

let system: LocalSystem;
let day: string;
/** The address of each view by its name. */
let views: Readonly<Record<string, string>>;

beforeAll(async () => {
  system = await startLocalSystem(settings, localFolders());
  await startFeed(FLAGS, settings, system).done;
  const documents = DynamoDBDocumentClient.from(system.dynamoDb);
  day = await busiestDate(documents, settings.names.trackingTable);
  const put = (Item: object) =>
    documents.send(new PutCommand({ TableName: settings.names.trackingTable, Item }));
  const created_at = new Date().toISOString();
  const manifest_path = `s3://${settings.names.manifestBucket}/manifests/${day}/batch-unfollowed.json`;
  await put({
    date_prefix: day,
    file_key: 'claimed.ndjson',
    status: 'manifested#1',
    created_at,
    manifest_path,
  });
  await put({ date_prefix: day, file_key: 'odd.ndjson', status: 'archived#1', created_at });
  await put({
    date_prefix: day,
    file_key: 'broken.ndjson',
    status: 'failed#1',
    created_at,
    error_message: 'boom',
  });
  const error_message = JSON.stringify({ Id: 'jr_'.padEnd(300, '0') });
  await put({ date_prefix: day, file_key: 'long.ndjson', status: 'failed#1', created_at, error_message });
  await put({ date_prefix: '2026-11-31', file_key: 'undated.ndjson', status: 'pending#1', created_at });
  const ttl = Math.floor(Date.now() / 1_000) + 600;
  await put({ date_prefix: `LOCK#${day}`, file_key: 'LOCK', locked_by: 'builder-1', created_at, ttl });
  await system.stream.idle();
  await system.sweep.invoke({});
  views = await addressesOfViews();
});

afterAll(() => system.stop());

async function addressesOfViews(): Promise<Record<string, string>> {
  const { payload } = await system.operations.invoke({ operation: 'get_failures' });
  const [failure] = (payload as { failures: { class: string }[] }).failures;
  const reset = {
    operation: 'update_state',
    date_prefix: day,
    file_key: 'broken.ndjson',
    new_status: 'pending',
  };
  const changed = await system.operations.invoke({ ...reset, reason: 'to be seen', force: true });
  const { change_id } = changed.payload as { change_id: string };
  const manifest = await reportedManifest();
  const unfollowed = `s3://${settings.names.manifestBucket}/manifests/${day}/batch-unfollowed.json`;
  return {
    overview: '/',
    'a week': '/?span=7d',
    dates: '/?view=dates',
    'files of a date': `/?view=files&date=${day}`,
    'files of a status': '/?view=files&status=completed',
    'files of an unknown status': '/?view=files&status=unknown',
    file: `/?${new URLSearchParams({ view: 'file', date: day, file: 'claimed.ndjson' })}`,
    'file with a long error': `/?${new URLSearchParams({ view: 'file', date: day, file: 'long.ndjson' })}`,
    find: '/?view=find&name=nothing',
    manifests: '/?view=manifests',
    manifest,
    'manifest without a record': `/?${new URLSearchParams({ view: 'manifest', date: day, manifest: unfollowed })}`,
    'no manifest': `/?view=manifest&date=${day}&manifest=none.json`,
    locks: '/?view=locks',
    failures: '/?view=failures',
    'one cause': `/?view=failures&class=${failure?.class}`,
    orphans: '/?view=orphans',
    changes: '/?view=changes',
    change: `/?view=change&change=${change_id}`,
    'no view': '/?view=none',
    'no page': '/none',
  };
}

/** The view of a manifest whose job has left a report; some leave none, as in the field. */
async function reportedManifest(): Promise<string> {
  const textOf = async (address: string) => (await fetch(system.url + address)).text();
  const list = await textOf('/?view=manifests&status=completed');
  for (const [, address = ''] of list.matchAll(/href="([^"]*view=manifest&amp;[^"]*)"/g)) {
    const manifest = address.replaceAll('&amp;', '&');
    if (/converted<\/b>, [\d,]+ rows?/.test(await textOf(manifest))) return manifest;
  }
  throw new Error('No manifest has a report.');
}

describe.skipIf(!hasChromium)(`in Chromium${hasChromium ? '' : ` (${NO_CHROMIUM})`}`, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
  });

  afterAll(() => browser.close());

  const open = (view: string, from = page) => from.goto(system.url + (views[view] ?? ''));
  const state = () => page.locator('#state');

  test.each([
    ['light', 400],
    ['dark', 400],
    ['light', 1_280],
    ['dark', 1_280],
  ] as const)('axe finds nothing in any view, %s and %d pixels wide', async (colorScheme, width) => {
    const visitor = await openPage(browser, { viewport: { width, height: 800 }, colorScheme });
    const found: string[] = [];
    for (const view of Object.keys(views)) {
      await open(view, visitor);
      await visitor.evaluate(axe.source);
      const { violations } = await visitor.evaluate<AxeResults>('axe.run(document)');
      for (const { id, nodes } of violations) found.push(`${view}: ${id} ${nodes[0]?.html.slice(0, 200)}`);
    }
    await visitor.close();
    expect(found).toEqual([]);
  });

  test('no view is wider than a narrow window', async () => {
    const visitor = await openPage(browser, { viewport: { width: 400, height: 800 } });
    for (const view of Object.keys(views)) {
      await open(view, visitor);
      expect([view, await visitor.evaluate('document.documentElement.scrollWidth')]).toEqual([view, 400]);
    }
    await visitor.close();
  });

  test('each view has a title of its own, and the back button leads back', async () => {
    await open('overview');
    expect(await page.title()).toBe('Overview · State Manager local');
    await page.getByRole('link', { name: 'Dates', exact: true }).click();
    await page.getByRole('link', { name: day }).first().click();
    expect(await page.title()).toBe(`Files of ${day} · State Manager local`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`Files of ${day}`);
    await page.goBack();
    expect(await page.title()).toBe('Dates · State Manager local');
    await page.goBack();
    expect(await page.title()).toBe('Overview · State Manager local');
  });

  test('a manifest shows its files with their states, its execution, and the report of its job', async () => {
    await open('manifest');
    const text = (await page.locator('.sm-view').textContent()) ?? '';
    expect(text).toContain('files that the manifest lists, each with its current record');
    expect(text).toMatch(/Execution.*arn:aws:states:/);
    expect(text).toMatch(/Job report ?converted, [\d,]+ rows?/);
    const files = await page.locator('.sm-table tbody tr').count();
    expect(text).toContain(`lists ${files} file`);
    // Of some files the updater misses the end.
    const completed = page.locator('.sm-table tbody tr', { hasText: 'completed' });
    await completed.first().locator('a').first().click();
    expect(await page.locator('.sm-steps').textContent()).toContain('completed');
    await page.getByRole('link', { name: /batch-.*\.json/ }).click();
    expect(await page.title()).toMatch(/^Manifest batch-.*\.json of /);
  });

  test('a manifest without a record is shown by the files that name it', async () => {
    await open('file');
    await page.getByRole('link', { name: 'batch-unfollowed.json' }).click();
    const text = await page.locator('.sm-view').textContent();
    expect(text).toContain('It has no record');
    expect(text).toContain('files whose records name the manifest');
    expect(await page.getByRole('link', { name: 'claimed.ndjson' }).count()).toBe(1);
  });

  test('every link of every view leads to something', async () => {
    const seen = new Map<string, string>();
    for (const view of Object.keys(views)) {
      await open(view);
      const links = await page
        .locator('main a[href]')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
      // Any of the files will do.
      for (const href of links) seen.set(href.replace(/file=[^&]*test[^&]*/, 'file'), href);
    }
    const dead: string[] = [];
    for (const href of seen.values()) {
      const answer = await fetch(new URL(href, system.url));
      const text = await answer.text();
      if (!answer.ok || /Could not be read|No such (?:view|file|manifest)/.test(text)) dead.push(href);
    }
    expect(dead).toEqual([]);
  });

  test('with the keyboard one can skip to the content, reach everything clickable, and copy a command', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const active = (what: string) => page.evaluate<string>(`document.activeElement.${what}`);
    await open('locks');
    await page.keyboard.press('Tab');
    expect(await active('textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await active('textContent')).toBe(day);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await open('locks');
    const count = await page.locator('a[href], button, input:not([type=hidden]), .sm-command').count();
    const reached = new Set<string>();
    for (let i = 0; i < count; i++) {
      await page.keyboard.press('Tab');
      reached.add(await active('outerHTML'));
    }
    expect(reached.size).toBe(count);
    await page.locator('.sm-command').first().focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toContain('npx tsx runbooks/locks.ts');
  });

  test('ages keep counting while text is selected, which pauses the refresh and says so', async () => {
    await open('overview');
    await page.locator('.sm-brand').selectText();
    await state().filter({ hasText: 'Paused, because text is selected' }).waitFor();
    const age = page.locator('main time > .sm-dim').first();
    const before = await age.textContent();
    await age.filter({ hasNotText: before ?? '' }).waitFor();
    await page.evaluate('getSelection().removeAllRanges()');
    await state().filter({ hasText: 'Refreshed every 5s' }).waitFor();
  });

  test('a click on a command copies it, and the refresh continues', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('locks');
    await page.locator('.sm-command').first().click();
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toContain('npx tsx runbooks/locks.ts');
    await state().filter({ hasText: 'Refreshed every 5s' }).waitFor();
    expect(await page.evaluate('String(getSelection())')).toBe('');
  });

  test('text that is being typed stays, and the refresh waits', async () => {
    await open('overview');
    await page.getByPlaceholder('Find').first().fill('half a na');
    await state().filter({ hasText: 'Paused, because you are typing' }).waitFor();
    expect(await page.getByPlaceholder('Find').first().inputValue()).toBe('half a na');
  });

  test('a failed refresh is shown with its time until the refresh works again', async () => {
    await open('overview');
    await page.route('**/*', (route) => route.abort());
    await page
      .locator('#lost', { hasText: /Not refreshed since \d\d:\d\d:\d\dZ: the page is not responding/ })
      .waitFor();
    await page.unroute('**/*');
    await page.locator('#lost').waitFor({ state: 'hidden' });
  });

  test('a chart shows each of its values under the pointer, without a script', async () => {
    await open('a week');
    expect(await page.locator('[aria-current]', { hasText: '7d' }).count()).toBe(1);
    // Values are drawn once there are two of them.
    const drawn = page.locator('.sm-tile svg rect title');
    await expect.poll(() => drawn.count(), { timeout: 30_000 }).toBeGreaterThan(0);
    for (const title of await drawn.allTextContents())
      expect(title).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: [\d,]+ \w+$/);
  });
});
