import { createLogUpdate } from 'log-update';
import { dynamoDb } from '../aws/clients.ts';
import { processVariables, replaceProcessVariables } from '../aws/process-environment.ts';
import { bannerText } from './banner.ts';
import type { RunContext } from './command.ts';
import { commandText, targetArguments } from './command-text.ts';
import type { CommonValues } from './common-flags.ts';
import { askConsent, consentOf } from './confirm.ts';
import { identify } from './identify.ts';
import type { Interrupt } from './interrupt.ts';
import { outputTo } from './output.ts';
import { painterFor } from './paint.ts';
import { startProgress } from './progress.ts';
import { serviceOf } from './service.ts';
import type { Sink } from './sink.ts';
import type { Screen } from './table.ts';
import { describeTarget, type Target, type TargetFlags, targetVariables } from './target.ts';
import { isWriting } from './write-flags.ts';

/** The process around a run: its streams and signals. */
export interface Surroundings {
  readonly sink: Sink;
  readonly interrupt: Interrupt;
  note(text: string): void;
}

/**
 * From here on this process is configured as a handler of that environment is.
 *
 * @throws Refused when the environment is unknown
 */
export function enterTarget(flags: TargetFlags): Target {
  const variables = targetVariables(flags, processVariables());
  // Lambda runs Node 24; that the Node here is older is no news to whoever runs a command.
  replaceProcessVariables({ ...variables, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  return describeTarget(variables);
}

/** Names the target on standard error, and gathers what a runbook works with. */
export async function startContext<F extends object>(
  command: string,
  flags: F,
  common: CommonValues,
  target: Target,
  { sink, interrupt, note }: Surroundings,
): Promise<RunContext<F>> {
  const { stdin, stdout, stderr } = process;
  const terminal = { input: stdin, output: stderr };
  const interrupted = interrupt.signal;
  const canAsk = stdin.isTTY === true && stderr.isTTY === true;
  const consent = isWriting(flags) ? consentOf(flags, target, canAsk) : undefined;
  const now = Date.now();
  const client = dynamoDb();
  const { account, actor } = await identify(target);
  note(bannerText(target, await client.config.region(), account, painterFor(stderr)));
  return {
    flags,
    target,
    service: serviceOf(client, target, { actor, now, signal: interrupted }),
    output: outputTo(sink, common.json ? 'json' : common.output, screenOf(stdout), createLogUpdate(stdout)),
    note,
    confirm: async (what) => {
      if (consent !== 'given') await askConsent(what, target, terminal, interrupted);
    },
    again: (more) => commandText(command, [...process.argv.slice(2), ...more]),
    commandLine: (name, args) => commandText(name, [...args, ...targetArguments(common)]),
    progress: (label, total) => startProgress(stderr, label, total, () => performance.now()),
    interrupted,
    now,
  };
}

/** A terminal may change its width at any time. */
function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    get width() {
      return stream.isTTY ? stream.columns : undefined;
    },
    paint: painterFor(stream),
  };
}
