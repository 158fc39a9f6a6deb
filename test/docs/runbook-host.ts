import { createServer, type Socket } from 'node:net';
import { type Ended, runRunbook } from '../support/runbook.ts';

/** A runbook as a shell was told to run it. */
interface Called {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/**
 * Stands for `npx`: has a runbook run by the process that listens on RUNBOOK_HOST, where all that it consists of is
 * loaded already. To load it is most of the time that a command takes.
 */
export const NPX = `#!/usr/bin/env node
const { connect } = require('node:net');
const { text } = require('node:stream/consumers');
const { basename } = require('node:path');
const [tsx, file = '', ...argv] = process.argv.slice(2);
if (tsx !== 'tsx') {
  console.error('only npx tsx is known here');
  process.exit(127);
}
(async () => {
  const host = connect({ path: process.env.RUNBOOK_HOST, allowHalfOpen: true });
  const stdin = await text(process.stdin);
  host.end(JSON.stringify({ name: basename(file, '.ts'), argv, env: process.env, stdin }));
  const { code, stdout, stderr } = JSON.parse(await text(host));
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  process.exitCode = code;
})();
`;

/** Runs what NPX asks for, in this process and its folder. @returns how to end it */
export async function startRunbookHost(path: string): Promise<() => void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void serve(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => void server.close();
}

async function serve(socket: Socket): Promise<void> {
  const { name, argv, env, stdin }: Called = JSON.parse(await received(socket));
  const failed = (error: unknown): Ended => ({ code: 1, stdout: '', stderr: String(error) });
  socket.end(JSON.stringify(await runRunbook(name, argv, env, { stdin }).catch(failed)));
}

/** All that comes. The ready-made reader of a stream would end the socket, too, before there is an answer. */
function received(socket: Socket): Promise<string> {
  let all = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return new Promise((resolve, reject) => socket.once('end', () => resolve(all)).once('error', reject));
}
