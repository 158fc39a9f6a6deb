import { request } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { MANIFEST, seedRunbookData } from '../support/runbook-data.ts';
import { whileServed } from '../support/served-page.ts';
import { settingsFolder } from '../support/settings-folder.ts';

let aws: LocalAws;
/** The page of an environment with its own settings, whose services run on this machine. */
let environment: Record<string, string>;
const ARGS = ['--env', 'far', '--region', 'us-east-1'];

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
  environment = { ...aws.environment, ...settingsFolder({ 'settings.far.json': {} }) };
});

const served = (look: (url: string) => Promise<void>) => whileServed(ARGS, environment, look);
const textAt = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

/** What a server answers to headers that a browser would not let a page set. */
function statusOf(url: string, headers: Record<string, string>, path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

test('the page of an environment says which one it is, where, and that it is read-only', async () => {
  const said = await served(async (url) => {
    const page = await textAt(url);
    expect(page).toContain('<title>Overview · State Manager far</title>');
    expect(page).toMatch(/<b>far<\/b> · http:\S+ · us-east-1 · read-only/);
    expect(page).toContain('data-status="failed">1</p>');
  });
  expect(said).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+ · read-only, on this machine only; Ctrl-C stops it/);
});

test('its commands lead to the same place when they are pasted', async () => {
  await served(async (url) => {
    const commands = [...(await textAt(`${url}/?view=orphans`)).matchAll(/sm-command"[^>]*>(.*?)<\/code>/g)];
    const lines = commands.map(([, line = '']) => line.replace(/<[^>]*>/g, ''));
    const names = [
      'TRACKING_TABLE',
      'PROJECTION_TABLE',
      'STATE_MANAGER_SETTINGS',
      'AWS_ENDPOINT_URL_DYNAMODB',
    ];
    const shell = names.map((name) => `${name}=${environment[name]}`);
    expect(lines).toEqual([
      `${shell.join(' ')} npx tsx runbooks/find-orphans.ts --env far --region us-east-1`,
    ]);
  });
});

test('it reads the buckets, and shows a manifest of which only the record exists', async () => {
  await served(async (url) => {
    const page = await textAt(
      `${url}/?view=manifest&date=2026-11-23&manifest=${MANIFEST.replace('#', '%23')}`,
    );
    expect(page).toContain('Manifest batch-0001-20261123-052254.json of 2026-11-23');
    expect(page).toContain('completed');
  });
});

test("an address that names somebody else's bucket causes no request to it", async () => {
  await served(async (url) => {
    const manifest = encodeURIComponent('s3://elsewhere/manifests/2026-11-23/batch-9.json');
    const page = await textAt(`${url}/?view=manifest&date=2026-11-23&manifest=${manifest}`);
    expect(page).toContain('No such manifest');
    expect(page).not.toContain('could not be read');
  });
});

test('other web pages, other methods and other paths get nothing', async () => {
  await served(async (url) => {
    expect(await statusOf(url, { host: 'rebound.example' })).toBe(403);
    expect(await statusOf(url, { origin: 'http://other.example' })).toBe(403);
    expect(await statusOf(url, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(403);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/docs/../package.json`)).status).toBe(404);
    expect((await fetch(`${url}/docs/pipeline.md`)).headers.get('content-type')).toBe(
      'text/plain; charset=utf-8',
    );
    const answer = await fetch(url);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  });
});

test('text that is not an address is refused, and the next request is answered', async () => {
  await served(async (url) => {
    expect(await statusOf(url, {}, '//')).toBe(400);
    expect(await statusOf(url, { host: 'rebound.example' }, '//')).toBe(403);
    expect(await statusOf(url, {})).toBe(200);
  });
});

test('the zone is remembered, and the address can still be shared', async () => {
  await served(async (url) => {
    const chosen = await fetch(`${url}/?view=locks&zone=local`, { redirect: 'manual' });
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/?view=locks']);
    const cookie = chosen.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^zone=local; .*SameSite=Lax; HttpOnly$/);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect(await textAt(url, { headers })).toContain(`data-zone="${timeZone}"`);
    expect(await textAt(url)).toContain('data-zone="UTC"');
  });
});

test('a port in use is reported as such', async () => {
  await served(async (url) => {
    const { code, stderr } = await runRunbook('page', [...ARGS, '--port', new URL(url).port], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--port: cannot listen on \d+: .*EADDRINUSE/);
  });
});
