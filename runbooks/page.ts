import * as z from 'zod';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { startPageServer } from '../shared/dashboard/page-server.ts';
import { pageDrawer } from '../shared/dashboard/page-source.ts';
import { errorText } from '../shared/text/error-text.ts';
import { Refused } from '../shared/text/refused.ts';

const USUAL_PORT = 4790;

export const page = command({
  name: 'page',
  description: 'Serves the dashboard of an environment as a page on this machine, read-only, until Ctrl-C',
  flags: z.object({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(USUAL_PORT)
      .describe('The port of 127.0.0.1 to listen on; 0 takes a free one'),
  }),
  buckets: true,
  examples: [
    ['--env local', 'the local system, in addition to its own page'],
    ['--env prod --profile ops', 'production, with what this profile may read'],
    ['--env dev --port 4791', 'a second page at the same time'],
  ],
  async run(context) {
    const { interrupted, note } = context;
    const server = await listen(context);
    note(`Page    ${server.url} · read-only, on this machine only; Ctrl-C stops it`);
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      interrupted.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.close();
    return undefined;
  },
});

type Context = RunContext<{ readonly port: number }>;

async function listen(context: Context) {
  const { port } = context.flags;
  try {
    return await startPageServer(optionsOf(context), port);
  } catch (error) {
    if (!isPortFault(error)) throw error;
    throw new Refused(
      'UNAVAILABLE',
      `--port: cannot listen on ${port}: ${errorText(error)}`,
      'Stop what uses it, or choose another one, such as --port 0.',
    );
  }
}

function isPortFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}

/** The page says whose data it shows, and its commands lead to the same environment. */
function optionsOf({ target, deps, where, aim, note }: Context) {
  const { environment, endpoint, names } = target;
  const isDeployed = endpoint === undefined;
  const clock = () => Date.now();
  return {
    clock,
    environment,
    place: `${isDeployed ? `account ${where.account}` : endpoint} · ${where.region} · read-only`,
    commands: aim,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    draw: pageDrawer({
      environment,
      deployed: isDeployed
        ? { region: where.region, functionPrefix: prefixOf(names.consumerFunction) }
        : undefined,
      deps,
      clock,
      noteFault: (error) => note(errorText(error)),
    }),
  };
}

/** What the names of all functions begin with, as the consumer's does. */
function prefixOf(consumerFunction: string): string {
  return consumerFunction.slice(0, consumerFunction.lastIndexOf('-stream-consumer'));
}

await main(import.meta, page);
