import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Proxy = {
  readonly url: string;
  /** Drops what the server answers, so that its clients wait. */
  readonly muteAnswers: () => void;
  /** Drops what the clients send, so that the server never hears of it. */
  readonly muteRequests: () => void;
  /** Bytes dropped by either. */
  readonly mutedBytes: () => number;
  /** Cuts all connections and refuses new ones. */
  readonly cut: () => void;
  /** Lets everything pass again. */
  readonly heal: () => void;
  readonly close: () => Promise<void>;
};

/** A TCP proxy before Postgres that can fail the ways a network does. */
export const startProxy = async (postgresUrl: string): Promise<Proxy> => {
  const target = new URL(postgresUrl);
  const sockets = new Set<Socket>();
  let mutes: 'nothing' | 'answers' | 'requests' = 'nothing';
  let mutedBytes = 0;
  let isCut = false;

  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        peer.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (mutes === 'requests') mutedBytes += chunk.length;
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (mutes === 'answers') mutedBytes += chunk.length;
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(postgresUrl);
  url.port = String((server.address() as AddressInfo).port);

  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    muteAnswers: () => (mutes = 'answers'),
    muteRequests: () => (mutes = 'requests'),
    mutedBytes: () => mutedBytes,
    cut,
    heal: () => {
      isCut = false;
      mutes = 'nothing';
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
};
