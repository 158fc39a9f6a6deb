import { html } from '../../shared/page-kit/html.ts';

/** What is the page's own, around the view. */
export const PAGE_STYLE = html`<style>
html{background:#f4f6f8}
body{margin:0}
main .sm{max-width:1320px;min-height:100vh;margin:0 auto;padding:20px clamp(12px,2.5vw,32px)}
#lost{position:sticky;top:0;z-index:1;margin:0;padding:8px 16px;background:#b93815;color:#fff;font:14px/1.4 system-ui,sans-serif;text-align:center}
@media (prefers-color-scheme:dark){html:not(:has(.sm-theme-light)){background:#0f151c}}
html:has(.sm-theme-dark){background:#0f151c}
main .sm-command.copied::after{content:" copied";color:var(--good)}
</style>`;

/**
 * Shows the view anew every few seconds, but not while somebody types, has marked something, or looks at
 * another tab; the focus stays where it was. A click on a command copies it.
 */
export const PAGE_SCRIPT = html`<script>
const EVERY_MILLIS = 5000;
const view = document.getElementById('view');
const lost = document.getElementById('lost');

function isBusy() {
  const { activeElement: active } = document;
  return document.hidden || String(getSelection()) !== '' || (active.tagName === 'INPUT' && active.value !== '');
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
