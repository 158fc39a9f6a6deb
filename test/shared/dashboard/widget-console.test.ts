import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, NO_CHROMIUM, openBrowser, openPage } from '../../support/browser.ts';
import { DATE, type WidgetBench, widgetBench } from './widget-bench.ts';

/**
 * What the CloudWatch console does, by its documentation, with a custom widget's answer: it shows the HTML, and
 * when the element before a `cwdb-action` is clicked, it calls the function with the JSON in the action and
 * with the fields of all forms, and shows what comes back instead.
 */
const CONSOLE = `
async function show(event) {
  const fields = [...document.querySelectorAll('form [name]')].map(({ name, value }) => [name, value]);
  const forms = { all: Object.fromEntries(fields) };
  document.body.innerHTML = await callWidget({ ...event, widgetContext: { theme: 'dark', forms } });
}
document.addEventListener('click', ({ target }) => {
  for (let at = target; at; at = at.parentElement) {
    const action = at.nextElementSibling;
    if (action?.localName === 'cwdb-action') return show(JSON.parse(action.textContent));
  }
});
`;

describe.skipIf(!hasChromium)(`in a dashboard${hasChromium ? '' : ` (${NO_CHROMIUM})`}`, () => {
  let bench: WidgetBench;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    bench = await widgetBench();
    await bench.putFile(`${DATE}-a"b.ndjson`);
    browser = await openBrowser();
    page = await openPage(browser, { viewport: { width: 588, height: 369 } });
    await page.exposeFunction('callWidget', (event: object) => bench.view(event));
    await page.addScriptTag({ content: CONSOLE });
  });

  afterAll(() => browser.close());

  const show = (event: object) => page.evaluate(`show(${JSON.stringify(event)})`);

  test('clicks lead from a status to a file, by actions alone', async () => {
    await show({ view: 'files', date: DATE });
    await page.getByRole('button', { name: 'a"b.ndjson' }).click();
    await page.getByRole('heading', { level: 2, name: `${DATE}-a"b.ndjson` }).waitFor();
    expect(await page.locator('.sm-steps').textContent()).toContain('uploaded');
  });

  test('the search finds what was typed, and its fields do not send the console away', async () => {
    await show({});
    await page.getByPlaceholder('Find a file').fill(`${DATE}-a"b.ndjson`);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('heading', { name: '.ndjson' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('heading', { level: 2, name: `${DATE}-a"b.ndjson` }).waitFor();
  });

  test('buttons are reached and pressed by the keyboard', async () => {
    await show({});
    await page.getByRole('button', { name: 'Dates' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[aria-current=page]', { hasText: 'Dates' }).waitFor();
  });

  test('actions themselves are invisible', async () => {
    await show({});
    expect(await page.locator('cwdb-action').first().isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(588);
  });
});
