import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import {
  startEventStoreServer,
  type EventStoreServer,
  type EventStoreServerOptions,
} from '@punctual/eventstore';
import { createDatabase } from './postgres';

export type TestEventStore = {
  readonly server: EventStoreServer;
  readonly client: EventStoreDBClient;
  readonly postgresUrl: string;
  /** Stops the server and drops its database. */
  readonly close: () => Promise<void>;
};

export const testSchema = 'eventstore';

/** The embedded event store in this process, on a database of its own, with a client. */
export const startTestEventStore = async (
  extra: Partial<EventStoreServerOptions> = {},
): Promise<TestEventStore> => {
  const database = await createDatabase();
  const server = await startEventStoreServer({
    postgresUrl: database.url,
    schema: testSchema,
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
    ...extra,
  });
  const client = EventStoreDBClient.connectionString(server.url);
  const close = async (): Promise<void> => {
    await client.dispose();
    await server.close();
    await database.drop();
  };
  return { server, client, postgresUrl: database.url, close };
};

/** As strict as a real server. */
export const startStrictEventStore = (
  extra: Partial<EventStoreServerOptions> = {},
): Promise<TestEventStore> => startTestEventStore({ like: '23.10', ...extra });

export type EventStoreChild = {
  readonly process: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** Ends it with SIGKILL and waits until it is gone. */
  readonly kill: () => Promise<void>;
};

/** The embedded event store in a process of its own, which ends with this one. */
export const startEventStoreChild = async (
  postgresUrl: string,
  port = 0,
): Promise<EventStoreChild> => {
  const child = fork(
    join(__dirname, 'event-store-child.ts'),
    [postgresUrl, testSchema, String(port)],
    { execArgv: ['--require', 'tsx/cjs'] },
  );
  const exited = once(child, 'exit');
  const [hello] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the event store process ended at its start'))),
  ])) as [{ readonly url: string; readonly port: number }];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return { process: child, ...hello, kill };
};

export type EventStoreUsage = {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Memory in buffers, where events are. */
  readonly buffersMb: number;
};

export const usageOf = async (child: EventStoreChild): Promise<EventStoreUsage> => {
  child.process.send('usage');
  const [usage] = (await once(child.process, 'message')) as [EventStoreUsage];
  return usage;
};
