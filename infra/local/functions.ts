import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FunctionName, functionName } from '../../shared/aws/deployment-names.ts';
import { LOCAL } from '../../shared/settings/environment-files.ts';
import { bundleFile } from '../bundle.ts';
import { type LambdaFunction, startLambdaFunction } from '../local-lambda/function.ts';
import type { LocalSettings } from './settings.ts';

/** Where a local system finds its functions and leaves their output. */
export interface LocalFolders {
  /** The handlers' bundles, as they are deployed. */
  readonly bundles: string;
  /** Each function's log, as its log group would hold it. */
  readonly logs: string;
  /** A file with the events of the event bus. */
  readonly notices: string;
}

/** The deployed handlers, each in a process of its own from its first event on. */
export interface LocalFunctions {
  readonly consumer: LambdaFunction;
  readonly operations: LambdaFunction;
  readonly widget: LambdaFunction;
  readonly sweep: LambdaFunction;
  readonly audit: LambdaFunction;
  readonly statistics: LambdaFunction;
  readonly outlet: LambdaFunction;
  readonly watchdog: LambdaFunction;
}

/** @param onConsumerLog called with every line of the stream consumer's log */
export function startFunctions(
  { environment, names }: LocalSettings,
  folders: LocalFolders,
  onConsumerLog: (line: string) => void,
): LocalFunctions & { stop(): Promise<void> } {
  const logs = functionLogs(folders.logs);
  const start = (handler: FunctionName, alsoTo?: (line: string) => void) =>
    startLambdaFunction({
      name: functionName(handler, { environment: LOCAL, names }),
      handlerFile: bundleFile(folders.bundles, handler),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      timeoutSeconds: 60,
      onOutput: logs.writer(handler, alsoTo),
    });
  const functions = {
    consumer: start('stream-consumer', onConsumerLog),
    operations: start('operations'),
    widget: start('dashboard-widget'),
    sweep: start('orphan-sweep'),
    audit: start('consistency-audit'),
    statistics: start('stats-publisher'),
    outlet: start('outlet'),
    watchdog: start('watchdog'),
  };
  const stop = async () => {
    await Promise.all(Object.values(functions).map((each) => each.stop()));
    await logs.close();
  };
  return { ...functions, stop };
}

/** One file per function, emptied at every start. */
function functionLogs(folder: string) {
  mkdirSync(folder, { recursive: true });
  const ends: (() => Promise<void>)[] = [];
  return {
    writer(name: string, alsoTo?: (line: string) => void) {
      const path = join(folder, `${name}.log`);
      const file = createWriteStream(path);
      // A function works without its log.
      file.once('error', (error) => process.stderr.write(`Cannot write ${path}: ${error.message}\n`));
      ends.push(() => new Promise((resolve) => file.end(resolve)));
      return (line: string) => {
        file.write(`${line}\n`);
        alsoTo?.(line);
      };
    },
    close: async () => void (await Promise.all(ends.map((end) => end()))),
  };
}
