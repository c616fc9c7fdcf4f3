import { join } from 'node:path';
import { startNodeChild } from '../embedded/node-child';

export type EventStoreProcess = {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

/** The event store as a process of its own on a schema of a Postgres that runs. */
export const startServer = async (
  postgresUrl: string,
  schema: string,
): Promise<EventStoreProcess> => {
  const child = await startNodeChild({
    script: join(__dirname, '..', 'packages', 'eventstore', 'main.js'),
    args: ['--postgres', postgresUrl, '--schema', schema],
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
