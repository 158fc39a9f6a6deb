import { type Html, html } from '../page-kit/html.ts';

/**
 * Refreshes the view every few seconds, and says when it does not: because text is selected, because somebody is
 * typing, or because the system does not respond. Ages keep counting meanwhile. The focus stays where it was. A click
 * on a command, or Enter, copies it.
 */
export const PAGE_SCRIPT: Html = html`<script>
const EVERY_MILLIS = 5000;
const view = document.getElementById('view');
const state = document.getElementById('state');
const lost = document.getElementById('lost');
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: view.dataset.zone, timeStyle: 'medium' });
let drawn = view.innerHTML;
let seen = { at: Number(view.dataset.now), since: performance.now() };
let fault;

function now() {
  return seen.at + performance.now() - seen.since;
}

function clockText(millis) {
  return clock.format(millis) + (view.dataset.zone === 'UTC' ? 'Z' : '');
}

function pauseCause() {
  const { activeElement: active } = document;
  if (String(getSelection()) !== '') return 'text is selected';
  if (active.matches('input, select, textarea') && active.value !== active.defaultValue) return 'you are typing';
  // A view that took many reads is not refreshed automatically.
  if (view.querySelector('[data-still]')) return 'this view took many reads: reload the page to update it';
  return undefined;
}

function durationText(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  if (seconds < 60) return seconds + 's';
  const [large, unit, small, rest] = seconds < 3600 ? [60, 'm', 1, 's'] : seconds < 86400 ? [3600, 'h', 60, 'm'] : [86400, 'd', 3600, 'h'];
  const left = Math.floor((seconds % large) / small);
  return Math.floor(seconds / large) + unit + (left === 0 ? '' : ' ' + left + rest);
}

function tellAges() {
  for (const age of view.querySelectorAll('time > .sm-dim')) {
    const millis = now() - Date.parse(age.parentElement.dateTime);
    age.textContent = millis < -2000 ? '(in ' + durationText(-millis) + ')' : '(' + durationText(millis) + ' ago)';
  }
  for (const age of view.querySelectorAll('time.sm-age')) {
    const millis = now() - Date.parse(age.dateTime);
    if (millis >= 0) age.textContent = durationText(millis);
  }
}

function tellState() {
  const cause = pauseCause();
  const age = 'drawn ' + durationText(now() - seen.at) + ' ago';
  state.textContent = cause ? 'Paused, because ' + cause + '; ' + age : fault ? 'Not refreshed; ' + age : 'Refreshed every ' + EVERY_MILLIS / 1000 + 's; ' + age;
  state.className = cause || fault ? 'held' : '';
  lost.hidden = !fault;
  if (fault) lost.textContent = 'Not refreshed since ' + clockText(seen.at) + ': ' + fault + ' The page shows the state at that time.';
}

function focusables() {
  return [...view.querySelectorAll('a, button, input, select, .sm-command')];
}

function prepare() {
  for (const command of view.querySelectorAll('.sm-command')) {
    command.tabIndex = 0;
    command.title = 'Click, or press Enter, to copy';
  }
}

async function refresh() {
  const response = await fetch(location.href, { signal: AbortSignal.timeout(30000) });
  if (!response.ok) throw new Error('the page could not be drawn (' + response.status + ').');
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.getElementById('view');
  // The zone is also shown outside the view.
  if (next.dataset.zone !== view.dataset.zone) return location.reload();
  if (document.hidden || pauseCause()) return;
  seen = { at: Number(next.dataset.now), since: performance.now() };
  if (next.innerHTML === drawn) return;
  drawn = next.innerHTML;
  const focused = focusables().indexOf(document.activeElement);
  view.replaceChildren(...next.childNodes);
  prepare();
  focusables()[focused]?.focus({ preventScroll: true });
}

async function refreshOrSay() {
  if (document.hidden || pauseCause()) return;
  try {
    await refresh();
    fault = undefined;
  } catch (error) {
    fault = error instanceof TypeError || error.name === 'TimeoutError' ? 'the page is not responding.' : error.message;
  }
}

// One at a time: with two at once, the older response could arrive last.
async function refreshForever() {
  await refreshOrSay();
  setTimeout(refreshForever, EVERY_MILLIS);
}

async function copy(command) {
  await navigator.clipboard.writeText(command.textContent);
  // The click has selected it, which would pause the refresh.
  getSelection().removeAllRanges();
  command.classList.add('copied');
  setTimeout(() => command.classList.remove('copied'), 1500);
}

setTimeout(refreshForever, EVERY_MILLIS);
setInterval(() => { tellAges(); tellState(); }, 1000);
prepare();
tellState();

view.addEventListener('click', ({ target }) => {
  const command = target.closest('.sm-command');
  if (command) copy(command);
});
view.addEventListener('keydown', ({ key, target }) => {
  if (key === 'Enter' && target.matches('.sm-command')) copy(target);
});
</script>`;
