import { connect } from 'node:net';

/** What a server says of itself to whoever connects, before anything else. */
export type Greeting = {
  /** It takes nobody without a client certificate. */
  readonly wantsCertificate: boolean;
};

const TIMEOUT_MS = 1_000;
const MAX_CHARS = 64 * 1_024;

/** Undefined when nothing came, or something that is no greeting. */
export const greetingOf = async (server: string): Promise<Greeting | undefined> =>
  await new Promise((resolve) => {
    const { hostname, port } = new URL(`nats://${server}`);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
    let text = '';
    const end = (greeting?: Greeting): void => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(TIMEOUT_MS, end);
    socket.once('error', () => {
      end();
    });
    socket.once('end', end);
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const [, info] = /^INFO (\{.*\})\s*\r\n/.exec(text) ?? [];
      if (info === undefined && text.length < MAX_CHARS) return;
      try {
        const said = JSON.parse(info ?? '') as { readonly tls_verify?: boolean }; // the broker's own greeting
        end({ wantsCertificate: said.tls_verify === true });
      } catch {
        end();
      }
    });
  });
