import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

/** The machine of a run, without anything that says where it is or whose. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly java: string;
  /** The load average of the last minute before the run. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    java: javaVersion(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Java prints its version on stderr, in the first line: `openjdk version "17.0.15" 2025-04-15`. */
function javaVersion(): string {
  const home = process.env.JAVA_HOME;
  const { stderr } = spawnSync(home ? join(home, 'bin', 'java') : 'java', ['-version'], { encoding: 'utf8' });
  return /version "([^"]+)"/.exec(stderr ?? '')?.[1] ?? 'unknown';
}

export function machineText({ processor, cores, memoryGigabytes, node, java, load }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGigabytes} GB; Node ${node}, Java ${java}; load at the start ${load}`;
}

/** Whether so much else was running that the rates are not meaningful. */
export function isBusy({ load, cores }: Machine): boolean {
  return load > cores / 2;
}
