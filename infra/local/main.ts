import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processVariables, silenceNodeVersionWarning } from '../../shared/aws/process-environment.ts';
import { Refused } from '../../shared/text/refused.ts';
import { bundleHandlers } from '../bundle.ts';
import { startDisplay } from './display.ts';
import { startFeed } from './feed.ts';
import { parseFlags } from './flags.ts';
import { checkReplayFile } from './replay.ts';
import { NO_SCHEDULES, startSchedules } from './schedules.ts';
import { localSettings } from './settings.ts';
import { startLocalSystem } from './system.ts';

silenceNodeVersionWarning();
const folders = {
  bundles: fileURLToPath(new URL('../../.local/functions', import.meta.url)),
  logs: fileURLToPath(new URL('../../.local/logs', import.meta.url)),
  notices: fileURLToPath(new URL('../../.local/notices.ndjson', import.meta.url)),
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n${error.commandHint}\n`);
  process.exitCode = error.exitCode;
}

async function main(): Promise<number> {
  const flags = await parseFlags(process.argv.slice(2));
  if (!flags) return 0;
  if (flags.replay !== undefined) await checkReplayFile(flags.replay);
  const interrupted = nextSignal();
  const settings = localSettings(processVariables());
  process.stderr.write('Starting DynamoDB Local, S3 and the functions ...\n');
  bundleHandlers(folders.bundles);
  const system = await startLocalSystem(settings, folders);
  const feed = startFeed(flags, settings, system);
  const schedules = flags.schedules ? startSchedules(settings, system) : NO_SCHEDULES;
  const display = startDisplay({ settings, system, feed, schedules, logFolder: join('.local', 'logs') });
  try {
    // When the feed has finished, the system keeps running; when it fails, the system stops.
    const signal = await Promise.race([interrupted, feed.done.then(() => interrupted)]);
    process.stderr.write(`${signal}: stopping.\n`);
    return 0;
  } finally {
    await Promise.all([feed.stop(), schedules.stop()]);
    await display.stop();
    await system.stop();
  }
}

/** Resolves at the first Ctrl-C or similar signal; a second one ends the process at once. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
  });
}
