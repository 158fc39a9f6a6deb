import { createServer } from 'node:net';
import { Refused } from '../../shared/text/refused.ts';

/**
 * Checked before a server starts, since otherwise another program might answer the readiness poll.
 *
 * @throws Refused naming the port when another program listens on it
 */
export async function assertPortFree(port: number, server: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw portError(error, port, server);
  }
}

/** If listening failed because of the port, an error that names the port and a remedy; else the same error. */
export function portError(error: unknown, port: number, server: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EADDRINUSE' ? 'is already in use' : 'may not be opened by this user';
  return new Refused(
    'UNAVAILABLE',
    `${server} cannot start: port ${port} ${reason}.`,
    'Stop the program that uses it, or use other ports, for example: STATE_MANAGER_PORT=5800 npm start',
    { cause: error },
  );
}

function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, () => server.close(() => resolve()));
  });
}
