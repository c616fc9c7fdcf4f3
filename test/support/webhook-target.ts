import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type ReceivedCall = {
  readonly path: string;
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the body says. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type WebhookTarget = {
  readonly url: (path: string) => string;
  /** In the order in which they came. */
  readonly calls: (path: string) => readonly ReceivedCall[];
  /** How a path answers from now on; 204 unless told. */
  readonly answers: (path: string, how: (response: ServerResponse, nth: number) => void) => void;
  readonly close: () => Promise<void>;
};

/** As a consumer does it, with the published verifier. @throws when it is not from us */
export const verified = (secret: string, { headers, body }: ReceivedCall): unknown =>
  new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });

/** A consumer of webhooks on this machine. */
export const webhookTarget = async (): Promise<WebhookTarget> => {
  const received: ReceivedCall[] = [];
  const answering = new Map<string, (response: ServerResponse, nth: number) => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const body = Buffer.concat(chunks).toString();
      const said = JSON.parse(body) as Pick<ReceivedCall, 'type' | 'data'>; // ours
      received.push({ path, id: String(headers['webhook-id']), headers, body, ...said });
      const nth = received.filter((call) => call.path === path).length;
      const answer = answering.get(path);
      if (answer) answer(response, nth);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    calls: (path) => received.filter((call) => call.path === path),
    answers: (path, how) => void answering.set(path, how),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
