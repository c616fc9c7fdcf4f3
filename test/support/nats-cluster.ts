import { connect } from 'nats';
import { freePort } from '../../embedded/free-port';
import { natsServer, type NatsServer } from './nats-server';
import { until } from './until';

export type NatsCluster = {
  /** All addresses, as `NATS_URL` takes them. */
  readonly url: string;
  readonly servers: readonly NatsServer[];
  /** The member that leads a stream, by the cluster's own word. */
  readonly leaderOf: (stream: string) => Promise<NatsServer>;
  readonly dispose: () => Promise<void>;
};

/** Brokers that replicate among each other, on loopback, each a process and a folder of its own. */
export const startNatsCluster = async ({ size = 3, config = '' } = {}): Promise<NatsCluster> => {
  const routePorts: number[] = [];
  for (let n = 0; n < size; n++) routePorts.push(await freePort());
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  const servers: NatsServer[] = [];
  const nameOf = (index: number): string => `n${index + 1}`;
  for (const [index, port] of routePorts.entries())
    servers.push(
      await natsServer(
        [
          `server_name: ${nameOf(index)}`,
          'ping_interval: "2s"',
          'ping_max: 2',
          `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
          config,
        ].join('\n'),
      ),
    );
  await Promise.all(servers.map(({ start }) => start()));
  const url = servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');

  const asked = async <T>(
    ask: (manager: Awaited<ReturnType<typeof managerOf>>) => Promise<T>,
  ): Promise<T> => {
    const connection = await connect({ servers: url.split(',') });
    try {
      return await ask(await managerOf(connection));
    } finally {
      await connection.close();
    }
  };
  const managerOf = (connection: Awaited<ReturnType<typeof connect>>) =>
    connection.jetstreamManager({ timeout: 2_000 });
  await until(async () => await asked((manager) => manager.getAccountInfo()), {
    timeoutMs: 30_000,
    what: 'the cluster has chosen its leader',
  });

  return {
    url,
    servers,
    leaderOf: async (stream) => {
      const leader = await until(async () => {
        const { cluster } = await asked((manager) => manager.streams.info(stream));
        return servers.find((_, index) => nameOf(index) === cluster?.leader);
      });
      return leader;
    },
    dispose: async () => {
      await Promise.all(servers.map(({ dispose }) => dispose()));
    },
  };
};
