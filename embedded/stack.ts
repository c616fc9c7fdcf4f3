import { join } from 'node:path';
import { ensureDatabase } from './database';
import { startNats } from './nats';
import { keepRunning, type Kept, type KeepRunningOptions, type Runner } from './keep-running';
import { startNodeChild } from './node-child';
import { startPostgres } from './postgres';

export type Log = KeepRunningOptions<Runner>['log'];

export type ServerUrls = {
  readonly eventstoreUrl: string;
  readonly postgresUrl: string;
  readonly natsUrl: string;
};

export type StackOptions = {
  readonly dataDir: string;
  /** Servers that are there already: these are not started. */
  readonly given: Partial<ServerUrls>;
  /** Where the servers of an earlier start on this folder listened; taken again where still free. */
  readonly remembered: Partial<ServerUrls>;
  readonly log: Log;
  /** Told after a restart: the process id has changed. */
  readonly onRestart: () => void;
};

export type Stack = ServerUrls & {
  /** Process ids of what runs now, by name. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** Stops what was started, the newest first. */
  readonly stop: () => Promise<void>;
};

type Server = Runner & { readonly url: string };

const READ_MODEL = 'punctual';
const EVENT_LOG = 'eventstore';
const stopGraceMs = 10_000;
const readyWithinMs = 60_000;

const portOf = (url: string | undefined): number =>
  url === undefined ? 0 : Number(new URL(url).port);

/** Takes the port of an earlier start, or a free one when somebody else has it by now. */
const onRememberedPort = async <S extends Server>(
  start: (port: number) => Promise<S>,
  port: number,
): Promise<S> => {
  if (port === 0) return await start(0);
  try {
    return await start(port);
  } catch (error) {
    if (!/taken|in use/i.test(String(error))) throw error;
    return await start(0);
  }
};

const startEventStore = async (postgresUrl: string, port: number): Promise<Server> => {
  const child = await startNodeChild({
    script: join(__dirname, '..', 'packages', 'eventstore', 'main.js'),
    args: ['--schema', EVENT_LOG, '--port', String(port)],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: process.env['NODE_OPTIONS'],
      PUNCTUAL_EVENTSTORE_POSTGRES_URL: postgresUrl, // command lines are for all on the machine to read
    },
    readyWithinMs,
  });
  const { listening } = child.ready as { readonly listening: string }; // our own program's first line
  return {
    pid: child.pid,
    exited: child.exited,
    stop: () => child.stop(stopGraceMs),
    url: `esdb://${listening}?tls=false`,
  };
};

/**
 * Starts the servers that are not given, each under a watch that starts it again on its port when it dies.
 *
 * @throws Error in a sentence that says what is missing or in the way
 */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { dataDir, given, remembered, log, onRestart } = options;
  const kept = new Map<string, Kept<Server>>();
  const keep = async (
    name: string,
    rememberedUrl: string | undefined,
    start: (port: number) => Promise<Server>,
  ): Promise<string> => {
    const server = await keepRunning<Server>({
      name,
      start: (previous) =>
        previous ? start(portOf(previous.url)) : onRememberedPort(start, portOf(rememberedUrl)),
      onRestart,
      log,
    });
    kept.set(name, server);
    return server.current().url;
  };
  const stop = async (): Promise<void> => {
    for (const server of [...kept.values()].reverse()) await server.stop();
  };

  let embeddedPostgres: string | undefined;
  const postgres = async (): Promise<string> =>
    (embeddedPostgres ??= await keep('postgres', remembered.postgresUrl, (port) =>
      startPostgres({ dataDir: join(dataDir, 'postgres'), port }),
    ));

  try {
    const postgresUrl = given.postgresUrl ?? (await ensureDatabase(await postgres(), READ_MODEL));
    const natsUrl =
      given.natsUrl ??
      (await keep('nats', remembered.natsUrl, (port) =>
        startNats({ storeDir: join(dataDir, 'nats'), port }),
      ));
    let { eventstoreUrl } = given;
    if (eventstoreUrl === undefined) {
      const logUrl = await ensureDatabase(await postgres(), EVENT_LOG);
      eventstoreUrl = await keep('eventstore', remembered.eventstoreUrl, (port) =>
        startEventStore(logUrl, port),
      );
    }
    const pids = () =>
      Object.fromEntries([...kept].map(([name, server]) => [name, server.current().pid]));
    return { eventstoreUrl, postgresUrl, natsUrl, pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
