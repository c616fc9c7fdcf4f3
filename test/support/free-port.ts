import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that a system hands out to whoever asks for any: nobody gets one of these by chance. */
const [FROM, TO] = [12_000, 32_000];

/** A port on 127.0.0.1 for a server that starts in a while, however long others start servers and connect meanwhile. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FROM, TO);
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch {
      continue; // somebody has it
    }
    server.close();
    await once(server, 'close');
    return port;
  }
};
