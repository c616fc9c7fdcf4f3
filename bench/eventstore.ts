import { once } from 'node:events';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { startNodeChild } from '../embedded/node-child';
import { processSeconds, residentMb } from './cpu';
import { onOwnPostgres } from './own-postgres';
import { inFlight } from './pace';
import type { Measurement, Row } from './row';
import { percentiles, rounded } from './statistics';

const appends = [
  { width: 1, total: 2_000 },
  { width: 16, total: 10_000 },
  { width: 64, total: 30_000 },
  { width: 256, total: 40_000 },
] as const;
const warmUp = { width: 64, total: 10_000 } as const;
const LIVE_SAMPLES = 300;

type Server = { readonly url: string; readonly pid: number; readonly stop: () => Promise<void> };

const startServer = async (postgresUrl: string): Promise<Server> => {
  const child = await startNodeChild({
    script: join(__dirname, '..', 'embedded', 'eventstore', 'main.js'),
    args: ['--postgres', postgresUrl, '--schema', 'bench'],
    env: { PATH: process.env['PATH'] },
    readyWithinMs: 30_000,
  });
  const { listening } = child.ready as { readonly listening: string }; // our own program's first line
  return {
    url: `esdb://${listening}?tls=false`,
    pid: child.pid,
    stop: () => child.stop(10_000),
  };
};

/** 330 B of JSON. */
const event = () => jsonEvent({ type: 'JobScheduled', data: { payload: 'x'.repeat(316) } });

/** CPU of the server and of this process, the client, per 10,000 of what was done since the call. */
const counting = async ({ pid }: Server) => {
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

const measureAppends = async (
  client: EventStoreDBClient,
  server: Server,
): Promise<readonly Measurement[]> => {
  await appendMany(client, 'warm', warmUp);
  const measurements: Measurement[] = [];
  for (const { width, total } of appends) {
    const stopCounting = await counting(server);
    const startMs = performance.now();
    const latencies = await appendMany(client, `job${width}`, { width, total });
    const perSecond = Math.round((total * 1_000) / (performance.now() - startMs));
    measurements.push({
      of: `append, ${width} in flight`,
      values: { perSecond, ...percentiles(latencies), ...(await stopCounting(total)) },
    });
  }
  return measurements;
};

/** From the call of an append to its event in a subscription, one at a time. */
const measureLive = async (client: EventStoreDBClient): Promise<Measurement> => {
  const startedAt = new Map<string, number>();
  const latencies: number[] = [];
  const subscription = client.subscribeToAll({ fromPosition: 'end' });
  subscription.on('data', ({ event: seen }) => {
    const at = startedAt.get(seen?.streamId ?? '');
    if (at !== undefined) latencies.push(performance.now() - at);
  });
  await once(subscription, 'caughtUp');
  for (let n = 0; n < LIVE_SAMPLES; n += 1) {
    startedAt.set(`live-${n}`, performance.now());
    await client.appendToStream(`live-${n}`, event(), { expectedRevision: 'no_stream' });
  }
  await subscription.unsubscribe();
  return { of: 'append to subscriber', values: percentiles(latencies) };
};

const measureCatchUp = async (
  client: EventStoreDBClient,
  server: Server,
  total: number,
): Promise<Measurement> => {
  const stopCounting = await counting(server);
  const startMs = performance.now();
  let seen = 0;
  for await (const _ of client.subscribeToAll({ fromPosition: START })) {
    seen += 1;
    if (seen === total) break;
  }
  const perSecond = Math.round((seen * 1_000) / (performance.now() - startMs));
  return { of: 'catch-up', values: { perSecond, events: seen, ...(await stopCounting(seen)) } };
};

/** The embedded event store alone: the server is a process of its own, client and load are this one. */
export const eventStore: Row = {
  name: 'event-store',
  measure: async (options) =>
    await onOwnPostgres(options, async ({ url }) => {
      options.note('appends to the event store alone');
      const first = await startServer(url);
      const client = EventStoreDBClient.connectionString(first.url);
      const appended = await measureAppends(client, first);
      const live = await measureLive(client);
      await client.dispose();
      await first.stop();

      options.note('catch-up from the event store alone');
      // a fresh server has an empty memory tail, so that the catch-up is read from Postgres
      const second = await startServer(url);
      const reader = EventStoreDBClient.connectionString(second.url);
      const written = [warmUp, ...appends].reduce((sum, { total }) => sum + total, LIVE_SAMPLES);
      const caughtUp = await measureCatchUp(reader, second, written);
      await reader.dispose();
      await second.stop();
      return [...appended, live, caughtUp];
    }),
};
