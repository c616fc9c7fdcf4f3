import { once } from 'node:events';
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { processSeconds, residentMb } from './cpu';
import { startServer, type EventStoreProcess } from './eventstore-server';
import { measureSizes } from './eventstore-size';
import { onOwnPostgres } from './own-postgres';
import { inFlight } from './pace';
import type { Figures, Limit, Measurement, Row } from './row';
import { ofRuns, percentiles, rounded } from './statistics';

type Load = { readonly width: number; readonly total: number; readonly target?: readonly Limit[] };

const RUNS = 3;
const SCHEMA = 'bench';
const appends: readonly Load[] = [
  { width: 1, total: 1_000, target: [{ of: 'p50Ms', atMost: 2 }] },
  { width: 16, total: 5_000 },
  {
    width: 64,
    total: 20_000,
    target: [
      { of: 'perSecond', atLeast: 8_000 },
      { of: 'p99Ms', atMost: 40 },
      { of: 'serverCpuSecondsPer10k', atMost: 0.6 },
    ],
  },
  { width: 256, total: 20_000, target: [{ of: 'perSecond', atLeast: 10_000 }] },
];
const warmUp = { width: 64, total: 10_000 } as const;
const LIVE_SAMPLES = 300;

/** 330 B of JSON. */
const event = () => jsonEvent({ type: 'JobScheduled', data: { payload: 'x'.repeat(316) } });

/** CPU of the server and of this process, the client, per 10,000 of what was done since the call. */
const counting = async ({ pid }: EventStoreProcess) => {
  const server = await processSeconds(pid);
  const client = process.cpuUsage();
  return async (done: number) => {
    const { user, system } = process.cpuUsage(client);
    return {
      serverCpuSecondsPer10k: rounded((((await processSeconds(pid)) - server) * 10_000) / done),
      clientCpuSecondsPer10k: rounded((((user + system) / 1e6) * 10_000) / done),
      serverRssMb: await residentMb(pid),
    };
  };
};

const appendMany = async (
  client: EventStoreDBClient,
  prefix: string,
  { width, total }: { readonly width: number; readonly total: number },
): Promise<readonly number[]> => {
  const latencies: number[] = [];
  await inFlight(width, total, async (n) => {
    const startedMs = performance.now();
    await client.appendToStream(`${prefix}-${n}`, event(), { expectedRevision: 'no_stream' });
    latencies.push(performance.now() - startedMs);
  });
  return latencies;
};

const measureLoad = async (
  client: EventStoreDBClient,
  server: EventStoreProcess,
  load: Load,
  run: number,
): Promise<Figures> => {
  const { width, total } = load;
  const stopCounting = await counting(server);
  const startMs = performance.now();
  const latencies = await appendMany(client, `run${run}-${width}`, load);
  const perSecond = Math.round((total * 1_000) / (performance.now() - startMs));
  return { perSecond, ...percentiles(latencies), ...(await stopCounting(total)) };
};

/** The loads take turns, so that a slow minute of the machine spoils one run of each. */
const measureAppends = async (
  client: EventStoreDBClient,
  server: EventStoreProcess,
): Promise<readonly Measurement[]> => {
  await appendMany(client, 'warm', warmUp);
  const figures = appends.map((): Figures[] => []);
  for (let run = 0; run < RUNS; run += 1)
    for (const [i, load] of appends.entries())
      figures[i]?.push(await measureLoad(client, server, load, run));
  return appends.map(({ width, target }, i) => ({
    of: `append, ${width} in flight`,
    ...ofRuns(figures[i] ?? []),
    ...(target && { target }),
  }));
};

/** From the call of an append to its event in a subscription, one at a time. */
const measureLive = async (client: EventStoreDBClient, run: number): Promise<Figures> => {
  const startedAt = new Map<string, number>();
  const latencies: number[] = [];
  const subscription = client.subscribeToAll({ fromPosition: 'end' });
  subscription.on('data', ({ event: seen }) => {
    const at = startedAt.get(seen?.streamId ?? '');
    if (at !== undefined) latencies.push(performance.now() - at);
  });
  await once(subscription, 'caughtUp');
  for (let n = 0; n < LIVE_SAMPLES; n += 1) {
    startedAt.set(`live${run}-${n}`, performance.now());
    await client.appendToStream(`live${run}-${n}`, event(), { expectedRevision: 'no_stream' });
  }
  await subscription.unsubscribe();
  return percentiles(latencies);
};

const measureCatchUp = async (
  client: EventStoreDBClient,
  server: EventStoreProcess,
  total: number,
): Promise<Figures> => {
  const stopCounting = await counting(server);
  const startMs = performance.now();
  let seen = 0;
  for await (const _ of client.subscribeToAll({ fromPosition: START })) {
    seen += 1;
    if (seen === total) break;
  }
  const perSecond = Math.round((seen * 1_000) / (performance.now() - startMs));
  return { perSecond, events: seen, ...(await stopCounting(seen)) };
};

/** A fresh server each time, whose memory tail is empty: the catch-up is read from Postgres. */
const measureCatchUps = async (url: string, total: number): Promise<Measurement> => {
  const runs: Figures[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const server = await startServer(url, SCHEMA);
    const client = EventStoreDBClient.connectionString(server.url);
    runs.push(await measureCatchUp(client, server, total));
    await client.dispose();
    await server.stop();
  }
  return { of: 'catch-up', ...ofRuns(runs), target: [{ of: 'perSecond', atLeast: 25_000 }] };
};

/** The embedded event store alone: the server is a process of its own, client and load are this one. */
export const eventStore: Row = {
  name: 'event-store',
  measure: async (options) =>
    await onOwnPostgres(options, async (postgres) => {
      const { url } = postgres;
      options.note('appends to the event store alone');
      const server = await startServer(url, SCHEMA);
      const client = EventStoreDBClient.connectionString(server.url);
      const appended = await measureAppends(client, server);
      const live: Figures[] = [];
      for (let run = 0; run < RUNS; run += 1) live.push(await measureLive(client, run));
      await client.dispose();
      await server.stop();

      options.note('catch-up from the event store alone');
      const each = appends.reduce((sum, { total }) => sum + total, LIVE_SAMPLES);
      const caughtUp = await measureCatchUps(url, warmUp.total + RUNS * each);
      const handled = { target: [{ of: 'p50Ms', atMost: 3 }] };
      return [
        ...appended,
        { of: 'append call to handler', ...ofRuns(live), ...handled },
        caughtUp,
        ...(await measureSizes(options, postgres)),
      ];
    }),
};
