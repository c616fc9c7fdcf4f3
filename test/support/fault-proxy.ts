import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What networks do to a server's clients. */
export type Faults = {
  /** Forgets the connections that are open now, as a firewall does: nothing passes any more, nobody is told; new ones pass. @returns how many these were */
  readonly silence: () => number;
  /** Swallows both directions of all connections, new ones too, which are accepted. */
  readonly swallow: () => void;
  /** Each piece passes this much later, in order. */
  readonly delay: (ms: number) => void;
  /** Ends all connections and refuses new ones. */
  readonly cut: () => void;
  /** New connections pass, and old ones of which nothing was swallowed. */
  readonly heal: () => void;
};

/** A TCP proxy that does it. */
export type FaultProxy = Faults & {
  readonly port: number;
  readonly close: () => Promise<void>;
};

/** Several that do the same at once. */
export const allOf = (proxies: readonly FaultProxy[]): Faults => {
  const each = (act: (proxy: FaultProxy) => void) => () => {
    for (const proxy of proxies) act(proxy);
  };
  return {
    silence: () => proxies.reduce((sum, proxy) => sum + proxy.silence(), 0),
    swallow: each((proxy) => proxy.swallow()),
    delay: (ms) => {
      each((proxy) => proxy.delay(ms))();
    },
    cut: each((proxy) => proxy.cut()),
    heal: each((proxy) => proxy.heal()),
  };
};

type Fault =
  | { readonly kind: 'none' | 'swallow' | 'cut' }
  | { readonly kind: 'delay'; readonly ms: number };

/** One direction of a connection, and the pieces that are still to pass there, the oldest first. */
type Way = { readonly peer: Socket; readonly waiting: Buffer[] };

export const startFaultProxy = async (targetPort: number): Promise<FaultProxy> => {
  let fault: Fault = { kind: 'none' };
  const open = new Set<{ isSilent: boolean }>();
  const sockets = new Set<Socket>();

  const pass = (connection: { isSilent: boolean }, to: Way, chunk: Buffer): void => {
    // what was swallowed once is missing: nothing of that connection makes sense to anybody any more
    if (fault.kind === 'swallow') connection.isSilent = true;
    if (connection.isSilent) return;
    const delayMs = fault.kind === 'delay' ? fault.ms : 0;
    if (delayMs === 0 && to.waiting.length === 0) {
      to.peer.write(chunk);
      return;
    }
    // also without a delay: what came later must not overtake what still waits
    to.waiting.push(chunk);
    setTimeout(() => to.peer.write(to.waiting.shift() ?? chunk), delayMs);
  };
  const server = createServer((client) => {
    if (fault.kind === 'cut') {
      client.destroy();
      return;
    }
    const connection = { isSilent: false };
    const upstream = connect(targetPort, '127.0.0.1');
    open.add(connection);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      const way: Way = { peer, waiting: [] };
      socket.on('data', (chunk: Buffer) => pass(connection, way, chunk));
      socket.on('close', () => {
        sockets.delete(socket);
        open.delete(connection);
        if (!connection.isSilent) peer.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      const passing = [...open].filter(({ isSilent }) => !isSilent);
      for (const connection of passing) connection.isSilent = true;
      return passing.length;
    },
    swallow: () => (fault = { kind: 'swallow' }),
    delay: (ms) => (fault = { kind: 'delay', ms }),
    cut: () => {
      fault = { kind: 'cut' };
      endAll();
    },
    heal: () => (fault = { kind: 'none' }),
    close: async () => {
      server.close();
      endAll();
      await once(server, 'close');
    },
  };
};
