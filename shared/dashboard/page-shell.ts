import { createHash } from 'node:crypto';
import { faultCard } from '../page-kit/card.ts';
import { type Html, html, markupOf } from '../page-kit/html.ts';
import { styles } from '../page-kit/styles.ts';
import { PAGE_SCRIPT } from './page-script.ts';

/** What surrounds a view in a page of its own. */
export interface Shell {
  readonly title: string;
  readonly environment: string;
  /** Where that environment is. */
  readonly place: string;
  /** The name of the time zone in which times are shown. */
  readonly zone: string;
  /** The zones to choose from; empty if there is no choice. */
  readonly zones: readonly { readonly name: string; readonly address: string }[];
}

/**
 * A complete page.
 *
 * @param view markup as `answerWidget` made it
 * @param now milliseconds since the epoch: when it was drawn
 */
export function pageOf(view: string, shell: Shell, now: number): string {
  return markupOf(headOf(shell, now)) + view + markupOf(footOf(shell));
}

/** A page that says what is wrong. */
export function problemPage(message: string, shell: Shell, now: number): string {
  const back = html`<p><a class="sm-link" href="/">Overview</a></p>`;
  const view = html`${styles}<div class="sm sm-theme-auto"><h1 class="sm-hidden">${shell.title}</h1><div class="sm-view" id="sm-content" tabindex="-1">${faultCard('This page', message)}${back}</div></div>`;
  return pageOf(markupOf(view), shell, now);
}

/** The page's own styles, around the view. */
const PAGE_STYLE = html`<style>
html{background:#f4f6f8}
body{margin:0}
main .sm{max-width:1320px;min-height:calc(100vh - 34px);margin:0 auto;padding:20px clamp(12px,2.5vw,32px)}
#skip{position:absolute;left:-9999px;top:0;z-index:2;padding:8px 14px;background:#fff;color:#0b5cad;font:14px/1.4 system-ui,sans-serif}
#skip:focus{left:8px;top:8px}
#lost{position:sticky;top:0;z-index:1;margin:0;padding:8px 16px;background:#b93815;color:#fff;font:14px/1.4 system-ui,sans-serif;text-align:center}
#foot{position:sticky;bottom:0;display:flex;flex-wrap:wrap;gap:2px 20px;justify-content:space-between;padding:6px clamp(12px,2.5vw,32px);border-top:1px solid #dde3ea;background:#fff;color:#586474;font:12.5px/1.5 system-ui,sans-serif}
#foot b{color:#16202c}
#foot a{color:#0b5cad}
#foot a[aria-current]{color:#16202c;font-weight:650;text-decoration:none}
#foot a:focus-visible{outline:2px solid #0b5cad;outline-offset:2px}
#foot .held{color:#8a5a00;font-weight:650}
html:has(.sm-theme-dark){background:#0f151c}
html:has(.sm-theme-dark) #foot{border-color:#2c3846;background:#18202a;color:#9aa8b7}
html:has(.sm-theme-dark) #foot :is(b,a[aria-current]){color:#e6ecf2}
html:has(.sm-theme-dark) #foot a:not([aria-current]){color:#7cb8f5}
html:has(.sm-theme-dark) #foot .held{color:#e8b450}
@media (prefers-color-scheme:dark){
html:not(:has(.sm-theme-light)){background:#0f151c}
html:not(:has(.sm-theme-light)) #foot{border-color:#2c3846;background:#18202a;color:#9aa8b7}
html:not(:has(.sm-theme-light)) #foot :is(b,a[aria-current]){color:#e6ecf2}
html:not(:has(.sm-theme-light)) #foot a:not([aria-current]){color:#7cb8f5}
html:not(:has(.sm-theme-light)) #foot .held{color:#e8b450}
}
main .sm-command.copied::after{content:" copied";color:var(--good)}
</style>`;

/** Nothing is loaded from elsewhere, and only scripts and styles that this program sends are used. */
const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(PAGE_SCRIPT)}`,
  `style-src ${hashOf(PAGE_STYLE)} ${hashOf(styles)}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sent with every response. */
export const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

// A data URL, so that the browser does not request an icon.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%2312876a'/%3E%3Cpath d='M4 11V8M8 11V4M12 11V6' stroke='white' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E";

function headOf({ title, environment, zone }: Shell, now: number): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · State Manager ${environment}</title><link rel="icon" href="${ICON}">${PAGE_STYLE}</head><body>
<a id="skip" href="#sm-content">Skip to the content</a><p id="lost" role="alert" hidden></p><main id="view" data-zone="${zone}" data-now="${now}">`;
}

function footOf({ environment, place, zone, zones }: Shell): Html {
  const links = zones.map(
    ({ name, address }) =>
      html` <a href="${address}"${name === zone && html` aria-current="true"`}>${name}</a>`,
  );
  const times =
    zones.length === 0 ? html`Times: ${zone}` : html`<nav aria-label="Time zone">Times:${links}</nav>`;
  return html`</main><footer id="foot"><span><b>${environment}</b> · ${place}</span>${times}<span id="state"></span></footer>${PAGE_SCRIPT}</body></html>`;
}

/** The hash covers what is between the tags. */
function hashOf(element: Html): string {
  const content = markupOf(element).replace(/^<\w+>|<\/\w+>$/g, '');
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
