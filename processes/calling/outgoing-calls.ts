import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { checkTarget, publicLookup } from './safe-target';

export type OutgoingOptions = {
  /** Connections to one host at once. */
  readonly callsPerHost: number;
  /** Silence after which a connection is cut. */
  readonly timeoutMs: number;
  /** Of an answer; what is beyond is not read. */
  readonly maxBodyBytes: number;
  /** Calls private and loopback addresses too: for development, or where every user may do that anyway. */
  readonly allowPrivateTargets: boolean;
  /** Looks names up; by default the system's resolver. */
  readonly lookup?: RequestOptions['lookup'];
};

export type CallAnswer = {
  readonly status: number;
  /** All of it, or its first `maxBodyBytes`. */
  readonly body: Buffer;
  readonly isWhole: boolean;
};

type Sent = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Posts JSON. @throws ForbiddenTarget, the signal's reason, or what the connection met */
export type Post = (url: URL, sent: Sent, signal: AbortSignal) => Promise<CallAnswer>;

const readBody = async (
  response: IncomingMessage,
  maxBytes: number,
): Promise<Pick<CallAnswer, 'body' | 'isWhole'>> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer; // without an encoding set, an IncomingMessage gives Buffers
    sizeBytes += bytes.length;
    chunks.push(bytes);
    if (sizeBytes > maxBytes) break; // leaving the loop destroys the socket
  }
  return {
    body: Buffer.concat(chunks).subarray(0, maxBytes),
    isWhole: sizeBytes <= maxBytes,
  };
};

/**
 * The one way in which Punctual calls addresses that its users name: public ones only unless told otherwise, no
 * redirects, no proxy, answers of a bounded size.
 */
export const outgoingCalls = (options: OutgoingOptions): Post => {
  const { callsPerHost, timeoutMs, maxBodyBytes, allowPrivateTargets } = options;
  const pool = { keepAlive: true, maxSockets: callsPerHost, timeout: timeoutMs };
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };
  const lookup = options.lookup ?? (allowPrivateTargets ? undefined : publicLookup());

  return async (url, { headers, body }, signal) => {
    if (!allowPrivateTargets) checkTarget(url);
    const isTls = url.protocol === 'https:';
    return await new Promise((resolve, reject) => {
      const request = (isTls ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: isTls ? agents.https : agents.http,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': 'punctual',
          ...headers,
        },
        signal,
        ...(lookup && { lookup }),
      });
      request.once('error', reject);
      request.once('response', (response) => {
        readBody(response, maxBodyBytes).then(
          (read) => resolve({ status: response.statusCode ?? 0, ...read }),
          reject,
        );
      });
      request.end(body);
    });
  };
};
