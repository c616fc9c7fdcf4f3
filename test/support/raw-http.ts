import { connect } from 'node:net';

export type RawAnswer = {
  /** 0 when the server hung up without a word. */
  readonly status: number;
  readonly contentType: string | undefined;
  readonly problem: { readonly type?: string; readonly status?: number };
  /** From the first byte sent until the server hung up. */
  readonly tookMs: number;
};

/** What is sent, piece by piece. */
export type Sending = AsyncIterable<string | Buffer> | Iterable<string | Buffer>;

const answerOf = (text: string, tookMs: number): RawAnswer => {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const contentType = /^content-type: *(.*)$/im.exec(head)?.[1];
  let problem: RawAnswer['problem'] = {};
  try {
    problem = JSON.parse(body) as RawAnswer['problem']; // what a problem document has
  } catch {
    // an answer in chunks or of another kind: a test that wants a problem fails by itself
  }
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    contentType,
    problem,
    tookMs,
  };
};

/**
 * Sends bytes that no HTTP client would send, and reads until the server hangs up. `hasEnded` tells the sender
 * when there is no more use in sending.
 */
export const sendRaw = (
  httpUrl: string,
  sending: (hasEnded: () => boolean) => Sending,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(httpUrl);
    const startedAtMs = performance.now();
    const chunks: Buffer[] = [];
    let hasEnded = false;
    const socket = connect({ host: hostname, port: Number(port) });
    const send = async (): Promise<void> => {
      for await (const piece of sending(() => hasEnded)) {
        if (hasEnded) return;
        await new Promise((written) => socket.write(piece, written));
      }
    };
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // the server may cut us off in the middle of a piece
    for (const event of ['error', 'end']) socket.on(event, () => (hasEnded = true));
    socket.on('close', () => {
      hasEnded = true;
      const text = Buffer.concat(chunks).toString('latin1');
      resolve(answerOf(text, performance.now() - startedAtMs));
    });
    socket.on('connect', () => {
      send().catch(reject);
    });
  });
