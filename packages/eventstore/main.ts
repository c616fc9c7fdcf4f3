import { parseArgs } from 'node:util';
import { runEventStoreProgram } from './program';
import { isRealVersion, realVersions } from './real-version';

/** The event store of the embedded stack, on a Postgres that is there; `punctual eventstore` is the one for people. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      postgres: { type: 'string' },
      schema: { type: 'string', default: 'eventstore' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      like: { type: 'string' },
      'max-append-size': { type: 'string' },
    },
  });
  const postgresUrl = values.postgres ?? process.env['PUNCTUAL_EVENTSTORE_POSTGRES_URL'];
  if (postgresUrl === undefined)
    throw new Error('PUNCTUAL_EVENTSTORE_POSTGRES_URL or --postgres URL is missing');
  const { like } = values;
  if (like !== undefined && !isRealVersion(like))
    throw new Error(`--like ${like} is no version that is known: ${realVersions.join(', ')}`);
  const maxAppend = values['max-append-size'];
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  await runEventStoreProgram({
    postgresUrl,
    schema: values.schema,
    host: values.host,
    port: Number(values.port),
    like,
    maxAppendBytes: maxAppend === undefined ? undefined : Number(maxAppend),
    signal: stopping.signal,
    sayReady: (line) => console.log(line),
  });
};

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
