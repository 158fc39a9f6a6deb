import { buildApp } from 'fauxqs';
import { isForeign, refusalText } from '../../shared/aws/loopback-guard.ts';
import { portError } from './ports.ts';

export interface S3Server {
  endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts an in-memory S3 on 127.0.0.1, which refuses requests that another web page could have caused. The package's
 * own start function listens on every interface, so its application is taken and bound here. Its listing order is
 * corrected by patches/fauxqs+1.9.2.patch.
 *
 * @throws Refused when the port is taken.
 */
export async function startS3Server(options: { port: number }): Promise<S3Server> {
  const { port } = options;
  const app = guardedApp();
  try {
    const endpoint = await app.listen({ port, host: '127.0.0.1' });
    return { endpoint, stop: () => app.close() };
  } catch (error) {
    await app.close();
    throw portError(error, port, 'The S3 server');
  }
}

function guardedApp(): ReturnType<typeof buildApp> {
  const app = buildApp({ logger: false });
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (!isForeign(raw)) return;
    const message = refusalText(raw.headers).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const error = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
    return reply.code(403).headers({ 'content-type': 'application/xml', connection: 'close' }).send(error);
  });
  // The package parses the queue services' forms, and rejects a request without a body. Here each body is an object's
  // bytes, whatever its type (curl sends an upload as a form), and no body means an empty object.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('preHandler', async (request) => {
    request.body ??= Buffer.alloc(0);
  });
  return app;
}
