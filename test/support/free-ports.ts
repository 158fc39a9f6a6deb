import { createServer } from 'node:net';
import { type LocalSettings, localSettings } from '../../infra/local/settings.ts';

/** Below the ports that systems use for outgoing connections, one of which could be taken in between. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** Settings of a local system whose three ports are free, so that several can run on one machine. */
export async function freeLocalSettings(): Promise<LocalSettings> {
  return localSettings({ STATE_MANAGER_PORT: String(await freePorts(3)) });
}

/** The first of several free ports in a row. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
