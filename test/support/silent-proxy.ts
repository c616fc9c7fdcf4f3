import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can forget its connections, as a firewall does: nothing passes any more, and nobody is told. */
export type SilentProxy = {
  readonly port: number;
  /** Swallows both directions of all connections that are open now; new ones pass. @returns how many these were */
  readonly silence: () => number;
  readonly close: () => Promise<void>;
};

export const startSilentProxy = async (targetPort: number): Promise<SilentProxy> => {
  const open = new Set<{ isSilent: boolean }>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const connection = { isSilent: false };
    const upstream = connect(targetPort, '127.0.0.1');
    open.add(connection);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        if (!connection.isSilent) peer.write(chunk);
      });
      socket.on('close', () => {
        sockets.delete(socket);
        open.delete(connection);
        if (!connection.isSilent) peer.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      const passing = [...open].filter(({ isSilent }) => !isSilent);
      for (const connection of passing) connection.isSilent = true;
      return passing.length;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
};
