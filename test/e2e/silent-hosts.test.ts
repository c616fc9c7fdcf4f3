import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { startProgram } from '../support/program';
import { until } from '../support/until';

// hosts that accept connections and never say a word: whatever a program waits for, it ends when it is told to

const STOP_WITHIN_MS = 15_000;

const silentHost = async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

test('SIGTERM ends a program within 15 s although none of its servers ever answers', async () => {
  const silent = await silentHost();
  const program = startProgram({
    EVENTSTORE_URL: `esdb://${silent.host},${silent.host}?tls=false&gossipTimeout=5000`,
    POSTGRES_URL: `postgres://app@${silent.host}/postgres`,
    NATS_URL: `nats://${silent.host}`,
    API_KEYS: 'a-key-of-sixteen-characters:ada:user',
    PROCESSES: 'projector,dispatcher,executor-gateway,executor,rescuer,web',
    HTTP_PORT: '0',
  });
  await until(() => silent.connections() > 0);
  const toldMs = performance.now();
  program.signal('SIGTERM');
  await program.exited;
  expect(performance.now() - toldMs).toBeLessThan(STOP_WITHIN_MS);
  silent.close();
});
