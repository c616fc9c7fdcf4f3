import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EventStoreDBClient, type Credentials, type Position } from '@eventstore/db-client';
import {
  startEventStoreServer,
  type EventStoreServer,
  type EventStoreServerOptions,
} from '@punctual/eventstore';
import { parseConnectionString } from '../../infra/eventstore/connection-string';
import { givenEventStoreUrl } from './given-event-store';
import { createDatabase } from './postgres';
import { newestPosition } from './reading';

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

/** A server that others may write to as well: a test looks at its own streams, whose names nobody else has. */
export type StoreUnderTest = {
  readonly url: string;
  readonly client: EventStoreDBClient;
  /** For calls that carry credentials of their own: those of the URL, else any, as nobody looks at them. */
  readonly perCall: { readonly credentials: Credentials };
  /** Newest position of the log when it was opened: all that the tests write lies behind it. */
  readonly start: Position;
  /** Where it keeps its log; absent for a server that is given. */
  readonly postgresUrl?: string | undefined;
  readonly close: () => Promise<void>;
};

/** The server that is given (`TEST_EVENTSTORE_URL`), else one of ours that is as strict as a real one. */
export const openStoreUnderTest = async (
  extra: Partial<EventStoreServerOptions> = {},
): Promise<StoreUnderTest> => {
  const own = givenEventStoreUrl === undefined ? await startStrictEventStore(extra) : undefined;
  const url = own?.server.url ?? givenEventStoreUrl ?? '';
  const client = own?.client ?? EventStoreDBClient.connectionString(url);
  const { credentials = { username: 'any', password: 'body' } } = parseConnectionString(url);
  return {
    url,
    client,
    perCall: { credentials },
    start: await newestPosition(client),
    postgresUrl: own?.postgresUrl,
    close: own?.close ?? (() => client.dispose()),
  };
};

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
