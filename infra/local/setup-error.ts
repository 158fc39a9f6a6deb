import { createServer } from 'node:net';

/**
 * The local system cannot start for a reason that its user can remove: no Java, a port in use, a bad replay
 * file. Printed as message and hint, without a stack trace.
 */
export class LocalSetupError extends Error {
  override readonly name = 'LocalSetupError';

  constructor(
    message: string,
    /** What to do about it: one sentence or a command. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Throws a LocalSetupError naming the port when another program listens on it. Checked before a server starts,
 * because otherwise that other program may answer the readiness poll.
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
  return new LocalSetupError(
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
