import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LOCAL_PORT, LOCAL_PORT_VARIABLE } from '../../shared/aws/local-machine.ts';
import { faultCard } from '../../shared/page-kit/card.ts';
import { type Html, html, markupOf } from '../../shared/page-kit/html.ts';
import { styles } from '../../shared/page-kit/styles.ts';
import type { Invocable } from '../local-lambda/invoke-api.ts';
import { failureText } from './failure-text.ts';

/** The dashboard as a page: what the widget's function draws, in a shell that refreshes it. */
export function dashboardPage(widget: Invocable, port = LOCAL_PORT) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname !== '/') return send(response, 404, problem(`Page not found: ${url.pathname}.`));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, problem(`Method not allowed: ${request.method}. Use GET.`));
    }
    const { theme = 'auto', ...fields } = Object.fromEntries(url.searchParams);
    const { payload, functionError } = await widget.invoke({ ...fields, theme, links: 'addresses' });
    if (functionError || typeof payload !== 'string') {
      return send(response, 502, problem(`The page's function failed: ${failureText(payload)}`));
    }
    const { view = 'files', download } = fields;
    // What cannot be listed is drawn, and is no file.
    if (download && !payload.startsWith('<')) return sendFile(response, payload, { view, form: download });
    send(response, 200, withPort(payload, port));
  };
}

/** The commands on the page find this system, whatever ports it has. */
function withPort(markup: string, port: number): string {
  if (port === LOCAL_PORT) return markup;
  return markup.replaceAll(
    '<span>npx</span>',
    `<span>${LOCAL_PORT_VARIABLE}=${port}</span> <span>npx</span>`,
  );
}

function problem(message: string): string {
  const back = html`<p><a class="sm-link" href="/">Overview</a></p>`;
  return markupOf(
    html`${styles}<div class="sm sm-theme-auto">${faultCard('This page', message)}${back}</div>`,
  );
}

/** The page's own styles, around the view. */
const PAGE_STYLE = html`<style>
html{background:#f4f6f8}
body{margin:0}
main .sm{max-width:1320px;min-height:100vh;margin:0 auto;padding:20px clamp(12px,2.5vw,32px)}
#lost{position:sticky;top:0;z-index:1;margin:0;padding:8px 16px;background:#b93815;color:#fff;font:14px/1.4 system-ui,sans-serif;text-align:center}
@media (prefers-color-scheme:dark){html:not(:has(.sm-theme-light)){background:#0f151c}}
html:has(.sm-theme-dark){background:#0f151c}
main .sm-command.copied::after{content:" copied";color:var(--good)}
</style>`;

/**
 * Refreshes the view every few seconds, but not while somebody types, has selected text, or looks at another
 * tab; the focus stays where it was. A click on a command copies it.
 */
const PAGE_SCRIPT = html`<script>
const EVERY_MILLIS = 5000;
const view = document.getElementById('view');
const lost = document.getElementById('lost');

function isBusy() {
  const { activeElement: active } = document;
  const isTyping = active.tagName === 'INPUT' && active.value !== '';
  // What took many reads is not read again by itself.
  const isStill = view.querySelector('[data-still]') !== null;
  return document.hidden || String(getSelection()) !== '' || isTyping || isStill;
}

function focusables() {
  return [...view.querySelectorAll('a, button, input')];
}

async function refresh() {
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.getElementById('view');
  if (isBusy() || next.innerHTML === view.innerHTML) return;
  const focused = focusables().indexOf(document.activeElement);
  view.replaceChildren(...next.childNodes);
  focusables()[focused]?.focus({ preventScroll: true });
}

setInterval(async () => {
  if (isBusy()) return;
  try {
    await refresh();
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}, EVERY_MILLIS);

view.addEventListener('click', async ({ target }) => {
  const command = target.closest('.sm-command');
  if (!command) return;
  await navigator.clipboard.writeText(command.textContent);
  command.classList.add('copied');
  setTimeout(() => command.classList.remove('copied'), 1500);
});
</script>`;

/** Nothing is loaded from elsewhere, and no code or style is used but what this file sends. */
const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(PAGE_SCRIPT)}`,
  `style-src ${hashOf(PAGE_STYLE)} ${hashOf(contentOf(styles))}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param view markup as the widget's function made it: the only text that is not escaped again */
function send(response: ServerResponse, status: number, view: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(`${HEAD}${view}${FOOT}`);
}

const FILE_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** @param file what is in it, and in which form; both come from the request */
function sendFile(
  response: ServerResponse,
  text: string,
  { view, form }: { readonly view: string; readonly form: string },
): void {
  response.writeHead(200, {
    'content-type': FILE_TYPES[form] ?? 'application/octet-stream',
    'content-disposition': `attachment; filename="${view.replace(/[^a-z]/g, '')}.${form.replace(/[^a-z]/g, '')}"`,
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(text);
}

// A data URL, so that the browser does not request an icon.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%2312876a'/%3E%3Cpath d='M4 11V8M8 11V4M12 11V6' stroke='white' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E";

const HEAD = markupOf(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>State Manager</title><link rel="icon" href="${ICON}">${PAGE_STYLE}</head><body>
<p id="lost" role="alert" hidden>The local system is not responding. This page is no longer updated.</p><main id="view">`);
const FOOT = markupOf(html`</main>${PAGE_SCRIPT}</body></html>`);

function contentOf(element: Html): string {
  return markupOf(element).replace(/^<\w+>|<\/\w+>$/g, '');
}

function hashOf(element: Html | string): string {
  const content = typeof element === 'string' ? element : contentOf(element);
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
