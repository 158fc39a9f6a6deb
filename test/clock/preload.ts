import { ChildProcess } from 'node:child_process';
import { clockOffset, OFFSET_VARIABLE } from './offset.ts';

/**
 * Runs before everything else in every Node process of a run with a moved clock, and moves `Date` in it. Times
 * that come from elsewhere (DynamoDB Local's, the file system's) stay as they are, and so does `performance.now()`.
 */
if (process.env[OFFSET_VARIABLE] !== undefined) {
  moveDate();
  moveChildren(`--import=${import.meta.url}`);
}

/** A proxy and no class of its own: whatever a program does with `Date` goes on as before. */
function moveDate(): void {
  const RealDate = Date;
  const now = () => RealDate.now() + clockOffset();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  RealDate.prototype.constructor = globalThis.Date;
}

interface Spawning {
  spawn(options: { readonly envPairs?: readonly string[] }): unknown;
}

/**
 * Hands the clock on to children with an environment of their own, as functions and runbooks have, without those
 * who start them knowing of it: spawn, fork and exec all end in this method. Node's own `NODE_OPTIONS` reaches
 * the others; only `spawnSync` with an environment of its own starts a process with the real clock.
 */
function moveChildren(load: string): void {
  const { prototype } = ChildProcess as unknown as { prototype: Spawning };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    return spawn.call(this, { ...options, envPairs: withClock(options.envPairs ?? [], load) });
  };
}

function withClock(pairs: readonly string[], load: string): string[] {
  const environment = new Map(pairs.map((pair) => splitAt(pair, pair.indexOf('='))));
  const options = environment.get('NODE_OPTIONS') ?? '';
  if (!options.includes(load)) environment.set('NODE_OPTIONS', `${options} ${load}`.trim());
  environment.set(OFFSET_VARIABLE, String(clockOffset()));
  return [...environment].map((entry) => entry.join('='));
}

function splitAt(pair: string, position: number): [string, string] {
  return [pair.slice(0, position), pair.slice(position + 1)];
}
