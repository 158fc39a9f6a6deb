import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/**
 * Whether a request may come from outside this machine although the server listens on 127.0.0.1 only: a web page
 * whose name was rebound to 127.0.0.1 (Host), or one of another site or port that sends requests here (Origin,
 * Sec-Fetch-Site). A link from elsewhere may be followed: the page that it came from cannot read the answer.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function isForeign({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const { host = '', origin } = headers;
  if (!isLoopback(host)) return true;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  const site = headers['sec-fetch-site'] ?? 'none';
  return site !== 'none' && site !== 'same-origin' && !isFollowedLink(method, headers);
}

/** The text for a refused caller: what it sent, and what is allowed. */
export function refusalText({ host, origin, ...others }: IncomingHttpHeaders): string {
  const sent = { Host: host, Origin: origin, 'Sec-Fetch-Site': others['sec-fetch-site'] };
  const received = Object.entries(sent).map(([name, value]) => `${name} ${JSON.stringify(value ?? null)}`);
  return `Only this machine may call, and no other web page. Received: ${received.join(', ')}. Allowed: a Host of 127.0.0.1, localhost or [::1], and no other Origin.`;
}

function isFollowedLink(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

/** Names below `localhost` are this machine's too, in every browser; S3 clients put the bucket there. */
function isLoopback(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname, pathname, username } = new URL(`http://${host}`);
  if (pathname !== '/' || username !== '') return false;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
}
