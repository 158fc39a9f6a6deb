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
 * Throws a LocalSetupError naming the port when another program listens on it. Asked before a server starts:
 * otherwise the readiness poll may be answered by that other program.
 */
export async function assertPortFree(port: number, server: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw portError(error, port, server);
  }
}

/** The error of a failed listen, as one that names the port and the remedy when the port is the reason. */
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
