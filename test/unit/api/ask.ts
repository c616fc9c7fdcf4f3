import { request } from 'node:http';

export type Asked = {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value: a name may come twice. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  /** Without a Content-Length. */
  readonly isChunked?: boolean;
};

export type Heard = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
};

const jsonOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>; // all of our answers are objects
  } catch {
    return {};
  }
};

/** Sends a request just as it is told, where friendlier clients would correct it. */
export const ask = (port: number, asked: Asked): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', path = '/', headers = [], body, isChunked = false } = asked;
    const length =
      body === undefined || isChunked ? [] : ['Content-Length', `${Buffer.byteLength(body)}`];
    const flat = ['Host', '127.0.0.1', ...headers, ...length];
    const sent = request({ port, host: '127.0.0.1', method, path, headers: flat, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: heard } = response;
        resolve({ status, headers: heard, text, json: jsonOf(text) });
      });
    });
    sent.end(body);
  });
