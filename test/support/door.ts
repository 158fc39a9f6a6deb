import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A proxy to a server on this machine. */
export interface Door {
  readonly url: string;
  stop(): Promise<void>;
}

/** A proxy that delays each request. */
export function openSlowDoor(url: string, millis: number): Promise<Door> {
  return openDoor(url, async () => {
    await sleep(millis);
    return undefined;
  });
}

/**
 * @param url of the server behind the proxy
 * @param meet called with each request before it is passed on; what it returns is the answer instead, as an error of
 *   AWS with this name
 */
export async function openDoor(
  url: string,
  meet: (request: Met) => Promise<string | undefined>,
): Promise<Door> {
  const { hostname, port } = new URL(url);
  const pass = ({ method, url: path, headers }: IncomingMessage, body: Buffer, answer: ServerResponse) => {
    const behind = forward({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    behind.on('error', () => answer.destroy());
    behind.end(body);
  };
  const server = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const body = Buffer.concat(parts);
      const command = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const error = await meet({ command, body: body.toString() });
      if (error === undefined) pass(request, body, answer);
      else answer.writeHead(400).end(JSON.stringify({ __type: error, message: 'by plan' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A request that comes to a proxy. */
interface Met {
  /** For DynamoDB, such as `UpdateItem`. */
  readonly command: string;
  readonly body: string;
}
