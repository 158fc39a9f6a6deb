import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy to a server on this machine that delays each request. */
export interface SlowDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param url of the server behind the proxy */
export async function openSlowDoor(url: string, millis: number): Promise<SlowDoor> {
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
    request.on('end', () => setTimeout(() => pass(request, Buffer.concat(parts), answer), millis));
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
