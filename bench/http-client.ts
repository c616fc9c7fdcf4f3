import { Agent, request } from 'node:http';

export type HttpAnswer = { readonly status: number; readonly text: string };

/** A client of the API over a fixed number of connections that are kept open. */
export type HttpClient = {
  /** @throws Error when no answer comes within `timeoutMs` */
  readonly send: (
    method: 'GET' | 'POST',
    path: string,
    key: string,
    body?: object,
  ) => Promise<HttpAnswer>;
  readonly close: () => void;
};

export const httpClient = (
  baseUrl: string,
  connections: number,
  timeoutMs = 30_000,
): HttpClient => {
  const { hostname, port } = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: (method, path, key, body) =>
      new Promise((resolve, reject) => {
        const content = body && Buffer.from(JSON.stringify(body));
        const sent = request(
          {
            ...{ agent, hostname, port, method, path, timeout: timeoutMs },
            headers: {
              authorization: `Bearer ${key}`,
              ...(content && {
                'content-type': 'application/json',
                'content-length': content.length,
              }),
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              resolve({
                status: response.statusCode ?? 0,
                text: Buffer.concat(chunks).toString(),
              });
            });
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
        sent.on('error', reject);
        sent.end(content);
      }),
    close: () => {
      agent.destroy();
    },
  };
};
