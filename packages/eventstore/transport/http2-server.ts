import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { CallError, grpcStatus } from '../wire/call-error';
import type { Routes } from './call';
import { refuseCall, startCall, type OpenCall } from './http2-call';
import { createListener, type TlsOptions } from './listener';
import { keepSessions } from './sessions';

/** Room for many appends in flight before the peer must wait for a window update. */
const windowBytes = 4 * 1024 * 1024;
/** Node refuses new streams of a session that buffers more, in MB; slow readers are paused long before. */
const sessionMemoryMb = 256;
/** Calls that one peer may have open; its next ones wait on its side. */
const maxCallsPerSession = 10_000;
/** Peers that do not take the end of their calls are cut off after this. */
const stopGraceMs = 1_000;

export type TransportOptions = {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsOptions | undefined;
  readonly routes: Routes;
  readonly onUnexpected: (error: unknown) => void;
};

/** What is open at the moment. */
export type TransportUsage = { readonly sessions: number; readonly calls: number };

export type Transport = {
  readonly port: number;
  readonly usage: () => TransportUsage;
  /** Ends open calls with UNAVAILABLE and closes all connections. */
  readonly close: () => Promise<void>;
};

type Refusal = { readonly error: CallError; readonly httpStatus?: number };

/** Why a request is no gRPC call at all, with the HTTP status that says so. */
const notGrpc = (headers: IncomingHttpHeaders): Refusal | undefined => {
  const { unimplemented, internal } = grpcStatus;
  if (headers[':method'] !== 'POST')
    return { error: new CallError(unimplemented, 'a gRPC call is a POST'), httpStatus: 405 };
  if (!/^application\/grpc(\+proto)?($|;)/.test(headers['content-type'] ?? ''))
    return {
      error: new CallError(unimplemented, 'the content type is not application/grpc'),
      httpStatus: 415,
    };
  const encoding = headers['grpc-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    return {
      error: new CallError(unimplemented, 'compression is not supported', {
        'grpc-accept-encoding': 'identity',
      }),
    };
  return headers[':path'] === undefined
    ? { error: new CallError(internal, 'a call without a path') }
    : undefined;
};

/** Serves gRPC over HTTP/2, in plain text or over TLS. */
export const listenHttp2 = async (options: TransportOptions): Promise<Transport> => {
  const { host, port, tls, routes, onUnexpected } = options;
  const http2 = createServer({
    settings: { initialWindowSize: windowBytes, maxConcurrentStreams: maxCallsPerSession },
    maxSessionMemory: sessionMemoryMb,
  });
  const sessions = keepSessions(http2, 4 * windowBytes);
  const calls = new Set<OpenCall>();

  http2.on('stream', (stream, headers) => {
    const refusal = notGrpc(headers);
    if (refusal) {
      refuseCall(stream, refusal.error, refusal.httpStatus);
      return;
    }
    const path = headers[':path'] ?? '';
    const handler = routes.get(path);
    if (!handler) {
      refuseCall(stream, new CallError(grpcStatus.unimplemented, `${path} is not served`));
      return;
    }
    const onOver = (): void => void calls.delete(call);
    const call = startCall(stream, headers, handler, { onUnexpected, onOver });
    calls.add(call);
  });

  const { server, cutOff } = createListener(http2, tls);
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
    usage: () => ({ sessions: sessions.count(), calls: calls.size }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const call of calls) call.end(new CallError(grpcStatus.unavailable, 'the server stops'));
      await sessions.close(stopGraceMs);
      cutOff(); // who never got as far as a session
      await closed;
    },
  };
};
