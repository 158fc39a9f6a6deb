import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { isForeign, refusalText } from '../../shared/aws/loopback-guard.ts';

/** An event bus on this machine, which writes its events to a file. */
export interface EventBus {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
}

/**
 * Starts a server that answers `PutEvents` like EventBridge, and writes the detail of each event as a line of the file.
 * The file is emptied first, as the tables are.
 *
 * @param port 0 takes a free one
 */
export async function startEventBus({ file, port = 0 }: { file: string; port?: number }): Promise<EventBus> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const server = createServer((request, response) => void respond(request, response, file));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  return {
    endpoint: `http://127.0.0.1:${taken}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

let events = 0;

async function respond(request: IncomingMessage, response: ServerResponse, file: string): Promise<void> {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  try {
    if (isForeign(request)) {
      answer(403, { __type: 'AccessDeniedException', message: refusalText(request.headers) });
    } else if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents') {
      answer(400, { __type: 'UnknownOperationException', message: 'Allowed: PutEvents.' });
    } else {
      const { Entries = [] } = JSON.parse(await bodyOf(request)) as { readonly Entries?: readonly Entry[] };
      const lines = Entries.map(({ Detail = '{}' }) => `${Detail}\n`);
      appendFileSync(file, lines.join(''));
      const Results = Entries.map(() => ({ EventId: `local-${++events}` }));
      answer(200, { FailedEntryCount: 0, Entries: Results });
    }
  } catch (error) {
    answer(500, { __type: 'InternalException', message: String(error) });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
