import { randomUUID } from 'node:crypto';
import { jobStream } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { startEventStoreServer } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { openDatabase } from '../../../../infra/postgres/database';
import { migrate } from '../../../../infra/postgres/migrate';
import { openSession } from '../../../../infra/postgres/session';
import { inSchema } from '../../../../infra/postgres/session-settings';
import { tableSessions, writeSessions } from '../../../../infra/postgres/write-session';
import { projector } from '../../../../processes/projecting/projector';
import { migrations } from '../../../../projections/migrations/migrations';
import { jobQueries } from '../../../../projections/queries/jobs';
import { readModel } from '../../../../projections/projections';
import { testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled } from '../../../support/jobs';
import { createRole, type TestRole } from '../../../support/postgres-role';
import { silentLogger, silentProjectorMetrics } from '../../../support/processes';
import { until } from '../../../support/until';
import { query } from './server';
import { plainStreams } from '../../../support/names';

/** All that changes how values are written and read, how long a statement may take, or what a transaction sees. */
const odd = {
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Pacific/Chatham',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  escape_string_warning: 'off',
  array_nulls: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  client_encoding: 'LATIN1',
  statement_timeout: '1s',
  lock_timeout: '1ms',
  transaction_timeout: '2s',
  idle_in_transaction_session_timeout: '1s',
  idle_session_timeout: '1s',
  quote_all_identifiers: 'on',
  transform_null_equals: 'on',
  row_security: 'off',
  jit_above_cost: '0',
  synchronous_commit: 'off',
  lc_messages: 'C',
  xmlbinary: 'hex',
};

let role: TestRole;

beforeAll(async () => {
  role = await createRole(odd);
});

afterAll(async () => {
  await role.drop();
});

const SHOW = `select current_setting('DateStyle') as dates, current_setting('TimeZone') as zone,
  current_setting('IntervalStyle') as intervals, current_setting('bytea_output') as bytes,
  current_setting('extra_float_digits') as floats, current_setting('standard_conforming_strings') as strings,
  current_setting('array_nulls') as nulls, current_setting('client_encoding') as encoding,
  current_setting('default_transaction_isolation') as isolation, current_setting('lock_timeout') as lock_timeout,
  current_setting('transaction_timeout') as transaction_timeout`;

const reliedUpon = {
  ...{ dates: 'ISO, MDY', zone: 'UTC', intervals: 'postgres', bytes: 'hex', floats: '1' },
  ...{ strings: 'on', nulls: 'on', encoding: 'UTF8', isolation: 'read committed' },
  ...{ lock_timeout: '0', transaction_timeout: '0' },
};

test('the role is as odd as this test believes', async () => {
  const [row] = await query(role.url, SHOW);
  expect(row).toMatchObject({ dates: 'German, DMY', zone: 'Pacific/Chatham', nulls: 'off' });
});

const shownBy: Readonly<Record<string, () => Promise<unknown>>> = {
  'the pool': async () => {
    const db = openDatabase({ url: role.url, applicationName: 'odd', poolSize: 1 });
    try {
      return (await db.raw<{ rows: unknown[] }>(SHOW)).rows[0];
    } finally {
      await db.destroy();
    }
  },
  'a session for a lock or a LISTEN': async () => {
    const session = await openSession({ url: role.url, applicationName: 'odd' });
    try {
      return (await session.client.query<Record<string, string>>(SHOW)).rows[0];
    } finally {
      await session.close();
    }
  },
  'the session of a projector': async () => {
    const session = await writeSessions(role.url)();
    try {
      return (await session.send([{ text: SHOW }]))[0]?.rows[0];
    } finally {
      await session.close();
    }
  },
  'the session of a replay': async () => {
    const session = await tableSessions(inSchema(role.url, 'beside'), 'odd')();
    try {
      return (await session.send([{ text: SHOW }]))[0]?.rows[0];
    } finally {
      await session.close();
    }
  },
};

test.each(Object.keys(shownBy))(
  '%s has all that the code relies on, whatever the role has set',
  async (kind) => {
    expect(await shownBy[kind]?.()).toEqual(reliedUpon);
  },
);

test('a connection string that asks for other dates does not get them, for nothing could be read then', async () => {
  const url = `${role.url}?options=${encodeURIComponent('-c datestyle=German -c work_mem=5MB')}`;
  const session = await openSession({ url, applicationName: 'odd' });
  const { rows } = await session.client.query(
    `select current_setting('DateStyle') as dates, current_setting('work_mem') as memory`,
  );
  await session.close();
  expect(rows).toEqual([{ dates: 'ISO, MDY', memory: '5MB' }]);
});

const metadata = {
  $correlationId: 'c',
  $causationId: 'c',
  commandId: 'c',
  actor: { kind: 'user', id: 'ada' } as const,
  at: toTimestamp(EPOCH),
  schemaVersion: 1,
};

test('the read model is made, written and read with such a role', async () => {
  await migrate(role.url, migrations);
  const { log, feed, eventAt } = memoryEventLog();
  const events: readonly JobEvent[] = [
    scheduled({ ownerId: 'ada', name: 'Größe ☃ \\n', payload: { text: 'a\\b "c" ☃' } }),
    dispatched(1),
  ];
  for (const [index, event] of events.entries())
    await log.append(
      jobStream(testJobId(1)),
      [{ id: randomUUID(), ...event, metadata }],
      index === 0 ? 'no-stream' : BigInt(index - 1),
    );
  const stopping = new AbortController();
  const running = projector({
    projection: readModel,
    feed,
    eventLog: log,
    eventAt,
    openSession: writeSessions(role.url),
    clock: { now: () => Date.now() },
    draw: Math.random,
    logger: silentLogger,
    metrics: silentProjectorMetrics,
  }).run(stopping.signal);
  const db = openDatabase({ url: role.url, applicationName: 'odd', poolSize: 2 });
  try {
    await until(async () => (await jobQueries(db).one(testJobId(1)))?.status === 'queued', {
      what: 'the job is projected',
    });
    expect(await jobQueries(db).one(testJobId(1))).toMatchObject({
      name: 'Größe ☃ \\n',
      payload: { text: 'a\\b "c" ☃' },
      scheduledAt: toTimestamp(EPOCH),
    });
  } finally {
    stopping.abort();
    await running;
    await db.destroy();
  }
});

test('the embedded event store keeps its events with such a role', async () => {
  const server = await startEventStoreServer({
    ...{ postgresUrl: role.url, schema: 'log', host: '127.0.0.1', port: 0 },
    log: () => undefined,
  });
  const client = openEventStore(server.url);
  try {
    const log = eventStoreLog(client, plainStreams);
    const event = scheduled({ name: 'Größe \\ ☃', ownerId: 'ada' });
    const stream = jobStream(testJobId(2));
    await log.append(stream, [{ id: randomUUID(), ...event, metadata }], 'no-stream');
    expect(await log.read(stream)).toMatchObject([{ data: event.data }]);
  } finally {
    await closeEventStore(client);
    await server.close();
  }
});
