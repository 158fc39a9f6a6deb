import { buildApp } from 'fauxqs';
import { portError } from './ports.ts';

export interface S3Server {
  endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts an in-memory S3 on 127.0.0.1. The package's own start function listens on every interface, so its
 * application is taken and bound here. Its listing order is corrected by patches/fauxqs+1.9.2.patch.
 *
 * @throws Refused when the port is taken.
 */
export async function startS3Server(options: { port: number }): Promise<S3Server> {
  const { port } = options;
  const app = buildApp({ logger: false });
  try {
    const endpoint = await app.listen({ port, host: '127.0.0.1' });
    return { endpoint, stop: () => app.close() };
  } catch (error) {
    await app.close();
    throw portError(error, port, 'The S3 server');
  }
}
