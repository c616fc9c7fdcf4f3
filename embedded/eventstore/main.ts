import { parseArgs } from 'node:util';
import { givenAddress, givenTls, givenUser } from './flags';
import { startEventStoreServer } from './server';

/** The embedded event store as a program of its own: prints one JSON line when it is ready, logs to stderr, ends on SIGTERM. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      postgres: { type: 'string' },
      schema: { type: 'string', default: 'eventstore' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      user: { type: 'string', multiple: true, default: [] },
      admin: { type: 'string', multiple: true, default: [] },
      advertise: { type: 'string' },
    },
  });
  if (values.postgres === undefined) throw new Error('--postgres URL is missing');
  const server = await startEventStoreServer({
    postgresUrl: values.postgres,
    schema: values.schema,
    host: values.host,
    port: Number(values.port),
    tls: givenTls(values['tls-cert'], values['tls-key']),
    users: [
      ...values.user.map((text) => givenUser(text)),
      ...values.admin.map((text) => ({ ...givenUser(text), isAdmin: true })),
    ],
    advertise: givenAddress(values.advertise),
    log: (level, message, fields) => {
      const line = { level, time: Date.now(), name: 'eventstore', msg: message, ...fields };
      process.stderr.write(`${JSON.stringify(line)}\n`);
    },
  });
  console.log(JSON.stringify({ listening: `${server.host}:${server.port}` }));
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
