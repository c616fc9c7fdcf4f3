import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { within } from '../within';

/** What connects, in @grpc/grpc-js 1.14: one a target address, one connection under way at a time. */
type Connector = {
  readonly tcpConnect: (...told: unknown[]) => Promise<Socket>;
  readonly connect: (...told: unknown[]) => Promise<{ readonly shutdown: () => void }>;
};

type Transport = { readonly Http2SubchannelConnector: { readonly prototype: Connector } };

/** From the first packet to the server's first frame, TLS included. */
const CONNECT_WITHIN_MS = 4_000;

/**
 * Gives each connection of the gRPC library a limit. By itself it waits for ever for the first frame of a server that
 * accepts connections and says nothing (frozen, or behind a path that was lost meanwhile), with all calls behind it:
 * its keepalive begins after that frame. One that is given up is tried again by the library, and the calls that wait
 * for it fail as UNAVAILABLE, upon which the event store's client looks for another node.
 */
export const limitConnects = (withinMs = CONNECT_WITHIN_MS): void => {
  // not by `import`: the module itself is wanted, and some compilers wrap what they import
  const { Http2SubchannelConnector } = createRequire(__filename)(
    '@grpc/grpc-js/build/src/transport',
  ) as Transport; // `require` has no types
  const { prototype } = Http2SubchannelConnector;
  const { tcpConnect, connect } = prototype;
  const sockets = new WeakMap<Connector, Socket>();
  Object.assign(prototype, {
    async tcpConnect(this: Connector, ...told: unknown[]) {
      const socket = await tcpConnect.apply(this, told);
      sockets.set(this, socket);
      return socket;
    },
    async connect(this: Connector, ...told: unknown[]) {
      sockets.delete(this);
      const connected = connect.apply(this, told);
      return await within(connected, withinMs, () => {
        sockets.get(this)?.destroy();
        connected.then(
          (transport) => transport.shutdown(),
          () => undefined, // it is told already
        );
        return new Error(`the server accepted no connection within ${withinMs} ms`);
      });
    },
  } satisfies Connector);
};
