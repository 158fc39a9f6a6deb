import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way to a server on this machine, which a test can shut. */
export interface Door {
  readonly url: string;
  open(): Promise<void>;
  /** Connections are refused from now on, and those there were are cut. */
  shut(): Promise<void>;
  /** Connections are taken, and nothing is ever answered: not even later on those. */
  freeze(): void;
}

/** @param port where the server is that lies behind the door, which is open at first */
export async function openDoor(port: number): Promise<Door> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server: Server = createServer((visitor) => {
    keep(sockets, visitor);
    if (frozen) return;
    const host = connect(port, '127.0.0.1');
    keep(sockets, host);
    visitor.on('data', (data) => frozen || host.write(data));
    host.on('data', (data) => frozen || visitor.write(data));
    visitor.on('close', () => host.destroy());
    host.on('close', () => visitor.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    async open() {
      frozen = false;
      if (server.listening) return;
      server.listen(own, '127.0.0.1');
      await once(server, 'listening');
    },
    async shut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    freeze() {
      frozen = true;
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
}
