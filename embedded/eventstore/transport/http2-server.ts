import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { CallError, grpcStatus } from '../wire/call-error';
import type { Routes } from './call';
import { refuseCall, startCall, type OpenCall } from './http2-call';

/** Room for many appends in flight before the peer must wait for a window update. */
const windowBytes = 4 * 1024 * 1024;
/** Node refuses new streams of a session that buffers more, in MB; slow readers are paused long before. */
const sessionMemoryMb = 256;
/** Peers that do not take the end of their calls are cut off after this. */
const stopGraceMs = 1_000;

export type TransportOptions = {
  readonly host: string;
  readonly port: number;
  readonly routes: Routes;
  readonly onUnexpected: (error: unknown) => void;
};

export type Transport = {
  readonly port: number;
  /** Ends open calls with CANCELLED and closes all connections. */
  readonly close: () => Promise<void>;
};

/** Serves gRPC on plain-text HTTP/2. */
export const listenHttp2 = async (options: TransportOptions): Promise<Transport> => {
  const { host, port, routes, onUnexpected } = options;
  const server = createServer({
    settings: { initialWindowSize: windowBytes },
    maxSessionMemory: sessionMemoryMb,
  });
  const sessions = new Set<ServerHttp2Session>();
  const calls = new Set<OpenCall>();

  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined); // the peer has gone; 'close' follows
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(4 * windowBytes);
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    const handler = routes.get(path);
    if (!handler) {
      refuseCall(stream, new CallError(grpcStatus.unimplemented, `${path} is not served`));
      return;
    }
    const call = startCall(stream, handler, onUnexpected, () => calls.delete(call));
    calls.add(call);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

  return {
    // a TCP server that listens has an address of this shape
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const call of calls) call.end(new CallError(grpcStatus.cancelled, 'the server stops'));
      for (const session of sessions) session.close();
      const cutOff = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, stopGraceMs);
      await closed;
      clearTimeout(cutOff);
    },
  };
};
