import { startEventStoreServer } from '@punctual/eventstore';

/** The event store as a process of its own: says its url once, and its CPU and memory when asked. */
const main = async (): Promise<void> => {
  const [postgresUrl = '', schema = '', port = '0'] = process.argv.slice(2);
  const server = await startEventStoreServer({
    postgresUrl,
    schema,
    host: '127.0.0.1',
    port: Number(port),
    log: () => undefined,
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const { rss, arrayBuffers } = process.memoryUsage();
    process.send?.({
      cpuSeconds: (user + system) / 1e6,
      rssMb: rss / 2 ** 20,
      buffersMb: arrayBuffers / 2 ** 20,
    });
  });
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
  process.once('disconnect', () => process.exit(1));
  process.send?.({ url: server.url, port: server.port });
};

void main();
