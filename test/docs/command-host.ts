import { createServer, type Socket } from 'node:net';
import { basename } from 'node:path';
import { type Ended, runRunbook } from '../support/runbook.ts';
import { runAwsCli } from './aws-cli.ts';

/** A command that a shell runs. */
interface Called {
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/**
 * A script that replaces `npx` or `aws`, depending on its own name: it lets the process that listens on COMMAND_HOST run
 * the command. That process has loaded all code already, and loading takes most of a command's time.
 */
export const STAND_IN = `#!/usr/bin/env node
const { connect } = require('node:net');
const { text } = require('node:stream/consumers');
const { basename } = require('node:path');
const [, program, ...argv] = process.argv;
(async () => {
  const host = connect({ path: process.env.COMMAND_HOST, allowHalfOpen: true });
  const stdin = await text(process.stdin);
  host.end(JSON.stringify({ program: basename(program), argv, env: process.env, stdin }));
  const { code, stdout, stderr } = JSON.parse(await text(host));
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  process.exitCode = code;
})();
`;

/** Runs the commands of STAND_IN in this process and its folder. @returns how to end it */
export async function startCommandHost(path: string): Promise<() => void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void serve(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => void server.close();
}

async function serve(socket: Socket): Promise<void> {
  const called: Called = JSON.parse(await received(socket));
  const failed = (error: unknown): Ended => ({ code: 1, stdout: '', stderr: String(error) });
  socket.end(JSON.stringify(await runCalled(called).catch(failed)));
}

async function runCalled({ program, argv, env, stdin }: Called): Promise<Ended> {
  if (program === 'aws') return runAwsCli(argv, env);
  const [tsx, file = '', ...args] = argv;
  if (tsx !== 'tsx') throw new Error('Only npx tsx is known here.');
  return runRunbook(basename(file, '.ts'), args, env, { stdin });
}

/** Reads everything. The ready-made reader of a stream would also close the socket, before there is an answer. */
function received(socket: Socket): Promise<string> {
  let all = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return new Promise((resolve, reject) => socket.once('end', () => resolve(all)).once('error', reject));
}
