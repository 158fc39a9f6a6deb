import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isForeign, refusalText } from '../aws/loopback-guard.ts';
import { UTC } from '../page-kit/zone.ts';
import { errorText } from '../text/error-text.ts';
import { type AimedCommands, aimCommands } from './aim-commands.ts';
import type { ExportFile } from './export.ts';
import type { ExportForm } from './navigation.ts';
import { pageOf, problemPage, SECURITY_HEADERS, type Shell } from './page-shell.ts';
import { parseRequest } from './requests.ts';
import { titleOf } from './titles.ts';

/** What a page is served from. */
export interface PageOptions {
  /** Draws a view as `answerWidget` does, or gives what it lists as a file. */
  draw(event: object): Promise<string | ExportFile>;
  /** In milliseconds since the epoch. */
  clock(): number;
  readonly environment: string;
  /** Where that environment is: shown at the bottom of each page. */
  readonly place: string;
  /** What its printed commands need to reach the same environment. */
  readonly commands: AimedCommands;
  /** The time zone of this machine, and so of its user. */
  readonly zone: string;
}

/** Answers requests for the page. Any error becomes a page that describes it. */
export function pageHandler(options: PageOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const now = options.clock();
    const asked = addressOf(request);
    const url = asked ?? new URL(ORIGIN);
    const shell = shellOf(url, request, options);
    if (isForeign(request)) {
      return send(response, 403, problemPage(refusalText(request.headers), shell, now));
    }
    if (!asked) return send(response, 400, problemPage('This is not the address of a page.', shell, now));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, problemPage(`Method not allowed: ${request.method}. Use GET.`, shell, now));
    }
    if (DOCUMENT.test(url.pathname)) return sendDocument(response, url.pathname, shell, now);
    if (url.pathname !== '/') {
      return send(response, 404, problemPage(`Page not found: ${url.pathname}.`, shell, now));
    }
    const { zone: chosen, ...fields } = Object.fromEntries(url.searchParams);
    if (chosen !== undefined) return rememberZone(response, url, chosen);
    await sendView(response, fields, shell, options);
  };
}

const ORIGIN = 'http://127.0.0.1';

/** @returns undefined for text that only looks like an address, such as `//` */
function addressOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, ORIGIN) ? new URL(url, ORIGIN) : undefined;
}

/** Serves the page on this machine only. @returns its address @throws if the port is in use or cannot be opened */
export async function startPageServer(
  options: PageOptions,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const answer = pageHandler(options);
  // A request that fails must not stop the next one from being answered.
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`, close };
}

async function sendView(
  response: ServerResponse,
  { theme = 'auto', ...fields }: Readonly<Record<string, string>>,
  shell: Shell,
  { draw, commands, clock }: PageOptions,
): Promise<void> {
  const now = clock();
  try {
    const view = await draw({ ...fields, theme, zone: shell.zone, links: 'addresses' });
    if (typeof view !== 'string') return sendFile(response, view);
    send(
      response,
      200,
      pageOf(aimCommands(view, commands), { ...shell, title: titleOf(parseRequest(fields)) }, now),
    );
  } catch (error) {
    send(response, 502, problemPage(`The page could not be drawn: ${errorText(error)}`, shell, now));
  }
}

const ZONE_COOKIE = 'zone';
const YEAR_SECONDS = 31_536_000;

/** UTC by default; a person's own zone once chosen, and from then on in every view. */
function shellOf(url: URL, { headers }: IncomingMessage, { environment, place, zone }: PageOptions): Shell {
  const cookies = (headers.cookie ?? '').split(/; */);
  const isLocal = cookies.includes(`${ZONE_COOKIE}=local`);
  return {
    title: 'Not shown',
    environment,
    place,
    zone: isLocal ? zone : UTC.name,
    zones: zone === UTC.name ? [] : [switchTo(url, 'utc', UTC.name), switchTo(url, 'local', zone)],
  };
}

function switchTo(url: URL, value: string, name: string): Shell['zones'][number] {
  const to = new URLSearchParams(url.searchParams);
  to.set('zone', value);
  return { name, address: `/?${to}` };
}

/** Keeps the zone out of the address, so that it can be bookmarked and shared: the zone belongs to the person, not to the view. */
function rememberZone(response: ServerResponse, url: URL, chosen: string): void {
  const back = new URLSearchParams(url.searchParams);
  back.delete('zone');
  const value = chosen === 'local' ? 'local' : 'utc';
  response.writeHead(303, {
    location: back.size === 0 ? '/' : `/?${back}`,
    'set-cookie': `${ZONE_COOKIE}=${value}; Max-Age=${YEAR_SECONDS}; Path=/; SameSite=Lax; HttpOnly`,
    'cache-control': 'no-store',
  });
  response.end();
}

const DOCUMENT = /^\/docs\/(?:pipeline|handbook)\.md$/;
const ROOT = new URL('../../', import.meta.url);

/** Sends documents unchanged: Markdown is readable as it is. */
async function sendDocument(
  response: ServerResponse,
  path: string,
  shell: Shell,
  now: number,
): Promise<void> {
  try {
    const text = await readFile(fileURLToPath(new URL(`.${path}`, ROOT)), 'utf8');
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
    response.end(text);
  } catch {
    send(response, 404, problemPage(`Page not found: ${path}.`, shell, now));
  }
}

const FILE_TYPES: Readonly<Record<ExportForm, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

function sendFile(response: ServerResponse, { name, form, text }: ExportFile): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': FILE_TYPES[form],
    'content-disposition': `attachment; filename="${name}"`,
    'content-security-policy': "default-src 'none'",
  });
  response.end(text);
}

/** @param page markup made by this program, the only text that is not escaped again */
function send(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'text/html; charset=utf-8' });
  response.end(page);
}
