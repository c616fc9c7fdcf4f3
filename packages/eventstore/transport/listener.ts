import { createServer as createHttp1Server } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** PEM texts: the certificate with its chain, and its private key. */
export type TlsOptions = { readonly cert: string | Buffer; readonly key: string | Buffer };

/** A connection that has said nothing by then is closed. */
const helloWithinMs = 10_000;

/** HTTP/2 begins with `PRI * HTTP/2.0`; no method of HTTP/1 does with these. */
const prefaceStart = Buffer.from('PRI');

/** The HTTP API of EventStoreDB is not served: a client that falls back to it is told so. */
const http1Server = () =>
  createHttp1Server((_request, response) => {
    const headers = { 'content-type': 'text/plain', connection: 'close' };
    response.writeHead(501, 'Not Implemented', headers).end('only gRPC over HTTP/2 is served\n');
  });

/** Calls back once the first bytes are there, which stay to be read. */
const onHello = (socket: Socket, heard: (isHttp2: boolean) => void): void => {
  const look = (): void => {
    const first = socket.read() as Buffer | null; // no encoding is set
    if (first === null) return;
    socket.unshift(first);
    if (first.length < prefaceStart.length && prefaceStart.subarray(0, first.length).equals(first))
      return;
    socket.off('readable', look);
    socket.setTimeout(0);
    heard(first.subarray(0, prefaceStart.length).equals(prefaceStart));
  };
  socket.setTimeout(helloWithinMs, () => socket.destroy());
  socket.on('readable', look);
};

export type Listener = { readonly server: Server; readonly cutOff: () => void };

/** A port in front of the HTTP/2 server, plain or TLS: tells its protocol from what is none of it. */
export const createListener = (http2: Http2Server, tls: TlsOptions | undefined): Listener => {
  const http1 = http1Server();
  const sockets = new Set<Socket>();
  const serve = (socket: Socket, isHttp2: boolean): void => {
    (isHttp2 ? http2 : http1).emit('connection', socket);
  };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
  };
  const cutOff = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  if (!tls) {
    const server = createTcpServer((socket) => {
      keep(socket);
      onHello(socket, (isHttp2) => serve(socket, isHttp2));
    });
    return { server, cutOff };
  }
  const options = {
    cert: tls.cert,
    key: tls.key,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: helloWithinMs,
  };
  const server = createTlsServer(options, (socket) => serve(socket, socket.alpnProtocol === 'h2'));
  server.on('connection', keep);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return { server, cutOff };
};
