import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { parseConnectionString } from '../../infra/eventstore/connection-string';

export type RawAnswer = {
  readonly httpStatus: number;
  readonly status: string | undefined;
  readonly message: string;
  readonly body: Buffer;
};

/** A gRPC frame around a message. */
export const frame = (message: Uint8Array, { compressed = 0, length = message.length } = {}) => {
  const head = Buffer.alloc(5);
  head[0] = compressed;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
};

/** The messages of an answer, out of their frames. */
export const messagesIn = (body: Buffer): readonly Buffer[] => {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
};

/** Plain HTTP/2, for what no gRPC client sends. */
export const openRaw = (port: number): ClientHttp2Session =>
  connect(`http://127.0.0.1:${port}`).on('error', () => undefined);

/** The same to the first host of a connection string, with what a call has to say of its user. */
export const openRawAt = (
  url: string,
): { readonly session: ClientHttp2Session; readonly headers: OutgoingHttpHeaders } => {
  const { endpoints, security, credentials } = parseConnectionString(url);
  const [{ address, port }] = endpoints;
  const { insecure, rootCertificate: ca } = security;
  const session = connect(`${insecure ? 'http' : 'https'}://${address}:${port}`, { ca });
  session.on('error', () => undefined);
  const login = credentials && `${credentials.username}:${credentials.password}`;
  const authorization = login && `Basic ${Buffer.from(login).toString('base64')}`;
  return { session, headers: { ...(authorization && { authorization }) } };
};

export type RawCall = {
  readonly path: string;
  readonly body?: Uint8Array;
  /** Leaves the request open after the body. */
  readonly isOpen?: boolean;
  readonly headers?: OutgoingHttpHeaders;
};

/** One request, and what came back when the server had ended it. */
export const rawCall = (
  session: ClientHttp2Session,
  { path, body, isOpen = false, headers = {} }: RawCall,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const last: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    stream.on('response', (head) => void Object.assign(last, head));
    stream.on('trailers', (trailers: object) => void Object.assign(last, trailers));
    stream.on('data', (chunk: Buffer) => parts.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const text = last['grpc-message'];
      const status = last['grpc-status'];
      resolve({
        httpStatus: Number(last[':status']),
        status: typeof status === 'string' ? status : undefined,
        message: typeof text === 'string' ? text : '',
        body: Buffer.concat(parts),
      });
      // a reset of each call would count as a flood of resets
      if (isOpen) stream.close();
    });
    if (body) stream.write(body);
    if (!isOpen && headers[':method'] !== 'GET') stream.end();
  });
