import { startEventStoreServer, type EventStoreServerOptions } from './server';

export type ProgramOptions = Omit<EventStoreServerOptions, 'log'> & {
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
  /** Takes the one line that says where the server listens. */
  readonly sayReady: (line: string) => void;
};

const logToStderr: EventStoreServerOptions['log'] = (level, message, fields) => {
  const line = { level, time: Date.now(), name: 'eventstore', msg: message, ...fields };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};

/** An IPv6 address stands in brackets before a port. */
const endpoint = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * The event store as a program: says `{"listening": "host:port"}` when it is ready, logs to stderr, and
 * resolves when it is told to end and has finished what was under way.
 *
 * @throws what `startEventStoreServer` throws
 */
export const runEventStoreProgram = async (options: ProgramOptions): Promise<void> => {
  const { signal, sayReady, ...server } = options;
  const { host, port, close } = await startEventStoreServer({ ...server, log: logToStderr });
  sayReady(JSON.stringify({ listening: endpoint(host, port) }));
  await aborted(signal);
  await close();
};
