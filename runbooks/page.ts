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
      .describe('The port of 127.0.0.1 that it listens on; 0 takes a free one'),
  }),
  buckets: true,
  examples: [
    ['--env local', 'the local system, beside the page that it has anyway'],
    ['--env prod --profile ops', 'production, with what this profile may read'],
    ['--env dev --port 4791', 'a second one beside it'],
  ],
  async run(context) {
    const { interrupted, note } = context;
    const server = await listen(context);
    note(`Page    ${server.url} · read-only, for this machine alone; Ctrl-C ends it`);
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
      `--port: ${port} cannot be listened on: ${errorText(error)}`,
      'End what uses it, or give another one, such as --port 0.',
    );
  }
}

function isPortFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}

/** It says whose data these are, and its commands lead to them. */
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

/** What all functions are named by, as the consumer is. */
function prefixOf(consumerFunction: string): string {
  return consumerFunction.slice(0, consumerFunction.lastIndexOf('-stream-consumer'));
}

await main(import.meta, page);
