import { connect, type NatsConnection } from 'nats';
import { freePort } from './free-port';
import { natsServer, type NatsServer } from './nats-server';
import { until } from './until';

export type NatsCluster = {
  /** All addresses, as `NATS_URL` takes them. */
  readonly url: string;
  readonly servers: readonly NatsServer[];
  /** The member that leads a stream, by the cluster's own word. */
  readonly leaderOf: (stream: string) => Promise<NatsServer>;
  /** Waits until stream and consumer have a leader again, asking all the time. @returns when, by `performance.now()` */
  readonly ledAgainAtMs: (stream: string, consumer: string) => Promise<number>;
  readonly dispose: () => Promise<void>;
};

/** When the server that led stream and consumer has died for good. */
const GOES_ON_WITHIN_MS = 10_000;
/** What of it is ours, on a slow machine; nats-server takes 4 to 9 s to choose another leader, there or beside other work more. */
const AFTER_ELECTION_MS = 6_000;

/** How long after its leader's death a broker's users may stand still. @param electedMs  how long it chose another */
export const standstillLimitMs = (electedMs: number): number =>
  Math.max(GOES_ON_WITHIN_MS, electedMs + AFTER_ELECTION_MS);

/**
 * Brokers that replicate among each other, on loopback, each a process and a folder of its own.
 *
 * @param advertises  whether they tell clients of each other, who then go past what lies before them
 */
export const startNatsCluster = async ({
  size = 3,
  config = '',
  advertises = true,
} = {}): Promise<NatsCluster> => {
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
          `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}], no_advertise: ${!advertises} }`,
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
  /** A question that nobody hears is never answered, so another one goes out before its time is over. */
  const answersAgain = (connection: NatsConnection, subject: string): Promise<number> =>
    new Promise((resolve) => {
      const ask = async (): Promise<void> => {
        const { data } = await connection.request(subject, '', { timeout: 2_000 });
        if (Buffer.from(data).includes('"error"')) return;
        clearInterval(asking);
        resolve(performance.now());
      };
      const asking = setInterval(() => void ask().catch(() => undefined), 50);
    });
  await until(async () => await asked((manager) => manager.getAccountInfo()), {
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
    ledAgainAtMs: async (stream, consumer) => {
      const connection = await connect({ servers: url.split(',') });
      const atMs = await Promise.all(
        [`STREAM.INFO.${stream}`, `CONSUMER.INFO.${stream}.${consumer}`].map((question) =>
          answersAgain(connection, `$JS.API.${question}`),
        ),
      );
      await connection.close();
      return Math.max(...atMs);
    },
    dispose: async () => {
      await Promise.all(servers.map(({ dispose }) => dispose()));
    },
  };
};
