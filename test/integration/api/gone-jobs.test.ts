import request from 'supertest';
import { attemptCommands } from '../../../commands/attempt-commands';
import { jobCommands } from '../../../commands/job-commands';
import { jobHistory } from '../../../commands/job-history';
import { proofs } from '../../../commands/proofs';
import { jobStream } from '../../../domain/ids';
import type { JobEvent } from '../../../domain/job/events';
import { startEventStoreServer, type EventStoreServer } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../infra/eventstore/feed';
import { eventStoreScan } from '../../../infra/eventstore/log-scan';
import { uuids } from '../../../infra/ids';
import { hmacSigner } from '../../../infra/signer';
import { recordedEvent } from '../../../projections/reading/log-scan';
import { announceProjected } from '../../../projections/writing/projected';
import { projectionWriter } from '../../../projections/writing/projection-writer';
import { jobQueries } from '../../../projections/queries/jobs';
import { readModel } from '../../../projections/projections';
import type { FeedItem } from '../../../projections/reading/feed';
import { testSchema } from '../../support/event-store';
import * as of from '../../support/jobs';
import { t } from '../../support/jobs';
import { newEvent } from '../../support/new-event';
import { createDatabase, type TestDatabase } from '../../support/postgres';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { until } from '../../support/until';
import { apiUnderTest, keys, told } from '../../unit/api/api-under-test';
import { plainStreams } from '../../support/names';

let database: TestDatabase;
let server: EventStoreServer;
let client: ReturnType<typeof openEventStore>;
let model: TestReadModel;
let app: ReturnType<typeof apiUnderTest>['app'];

const clock = { now: () => t(60) };
const log = () => eventStoreLog(client, plainStreams);
const deps = () => ({ log: log(), clock, ids: uuids });

beforeAll(async () => {
  database = await createDatabase();
  model = await createReadModel();
  server = await startEventStoreServer({
    ...{ postgresUrl: database.url, schema: testSchema, host: '127.0.0.1', port: 0 },
    log: () => undefined,
  });
  client = openEventStore(server.url);
  ({ app } = apiUnderTest({
    commands: jobCommands(deps()),
    history: jobHistory(log(), clock),
    jobs: jobQueries(model.db),
    clock,
  }));
});
afterAll(async () => {
  await closeEventStore(client);
  await server.close();
  await model.dispose();
  await database.drop();
});

const project = async (): Promise<void> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  const { signal } = new AbortController();
  for await (const batch of eventStoreScan(client, plainStreams)({ after: 'start' }, signal)) {
    const events = batch.map(recordedEvent).filter(({ stream }) => readModel.isMine(stream));
    await writer.apply(events, batch.at(-1)?.position ?? 0n);
  }
  await session.close();
};

const events: readonly JobEvent[] = [
  of.scheduled({ ownerId: 'alice' }),
  of.rescheduled(t(100)),
  of.rescheduled(t(110), t(100)),
];

/** A waiting job of alice's with three events, which the read model knows. */
const waiting = async (): Promise<string> => {
  const jobId = uuids.next();
  for (const [n, { type, data }] of events.entries())
    await log().append(
      jobStream(jobId),
      [newEvent(data, type)],
      n === 0 ? 'no-stream' : BigInt(n - 1),
    );
  await project();
  return jobId;
};

const by = { alice: keys.alice, bob: keys.bob, olga: keys.operator };

const ask = async (who: keyof typeof by, path: string, body?: object) => {
  const asked = body === undefined ? request(app).get(path) : request(app).post(path).send(body);
  return told(await asked.set('authorization', `Bearer ${by[who]}`));
};

const removals: readonly [
  name: string,
  remove: (stream: string) => Promise<unknown>,
  firstRevision: number | undefined,
][] = [
  ['truncated', (stream) => client.setStreamMetadata(stream, { truncateBefore: 2 }), 2],
  ['cut to its newest', (stream) => client.setStreamMetadata(stream, { maxCount: 1 }), 2],
  ['deleted', (stream) => client.deleteStream(stream), undefined],
  ['deleted for good', (stream) => client.tombstoneStream(stream), undefined],
];

describe.each(removals)('a job whose stream was %s', (_name, remove, firstRevision) => {
  let jobId: string;
  beforeAll(async () => {
    jobId = await waiting();
    await remove(jobStream(jobId));
  });
  const gone = () => ({
    type: '/problems/job-history-gone',
    status: 410,
    jobId,
    lastKnown: { status: 'scheduled', since: null, revision: 2 },
    ...(firstRevision !== undefined && { firstRevision }),
  });

  test.each(['events', 'story', `events?asOf=${new Date(t(60)).toISOString()}`])(
    'its owner and operators learn from /%s that it is gone, and how it stood',
    async (path) => {
      for (const who of ['alice', 'olga'] as const) {
        const heard = await ask(who, `/v1/jobs/${jobId}/${path}`);
        expect(heard.status).toBe(410);
        expect(heard.body).toMatchObject(gone());
      }
      expect((await ask('bob', `/v1/jobs/${jobId}/${path}`)).status).toBe(404);
    },
  );

  test('the job itself is told from the read model, and as of a time it is gone too', async () => {
    expect((await ask('alice', `/v1/jobs/${jobId}`)).status).toBe(200);
    const then = await ask('alice', `/v1/jobs/${jobId}?asOf=${new Date(t(60)).toISOString()}`);
    expect(then.body).toMatchObject(gone());
  });

  test('every command is refused by name and changes nothing: what is left does not say what may be decided', async () => {
    const sent: readonly [string, object][] = [
      ['cancel', {}],
      ['run-now', {}],
      ['abort', {}],
      ['redrive', {}],
      ['reschedule', { dueAt: new Date(t(200)).toISOString() }],
    ];
    const newest = () =>
      log()
        .newest(jobStream(jobId))
        .catch(() => undefined);
    const before = await newest();
    for (const [verb, body] of sent) {
      const heard = await ask('alice', `/v1/jobs/${jobId}/${verb}`, body);
      expect([verb, heard.status]).toEqual([verb, 410]);
      expect(heard.body).toMatchObject(gone());
      expect((await ask('bob', `/v1/jobs/${jobId}/${verb}`, body)).status).toBe(404);
    }
    expect(await newest()).toEqual(before);
  });

  test('an executor that claims it without a ticket is told to drop its message, not to ask for ever', async () => {
    const attempts = attemptCommands({
      ...deps(),
      proofs: proofs(hmacSigner('a secret of the test bench')),
      draw: () => 0,
    });
    expect(await attempts.claim({ jobId, attempt: 1, revision: 2n, executorId: 'x1' })).toEqual({
      granted: false,
      code: 'job-not-found',
    });
  });
});

test('a job that was not scheduled yet at the time asked for is no gone one', async () => {
  const jobId = await waiting();
  const heard = await ask('alice', `/v1/jobs/${jobId}/events?asOf=2000-01-01T00:00:00Z`);
  expect(heard.status).toBe(404);
});

test('a due job whose stream was deleted for good is given up by the dispatcher, one that was cut still runs', async () => {
  const [dead, cut] = [await waiting(), await waiting()];
  await client.tombstoneStream(jobStream(dead));
  await client.setStreamMetadata(jobStream(cut), { maxCount: 1 });
  const attempts = attemptCommands({
    ...{ ...deps(), clock: { now: () => t(120) } },
    proofs: proofs(hmacSigner('a secret of the test bench')),
    draw: () => 0,
  });
  const due = (jobId: string) => ({ jobId, dueAt: t(110), attempt: 1, revision: 2n, timeoutMs: 1 });
  expect(await attempts.dispatch(due(dead))).toEqual({ outcome: 'gone' });
  expect(await attempts.dispatch(due(cut))).toMatchObject({ outcome: 'dispatched' });
});

test('a tombstone in the feed moves the checkpoint on and is no event: the projector parks nothing', async () => {
  const jobId = await waiting();
  await client.tombstoneStream(jobStream(jobId));
  const items: FeedItem[] = [];
  const following = eventStoreFeed(client, plainStreams).open('start');
  const subscription = following.items$.subscribe((item) => items.push(item));
  await until(() => items.some(({ kind }) => kind === 'caught-up'));
  subscription.unsubscribe();
  const own = items.flatMap((item) =>
    item.kind === 'event' && item.event.stream === jobStream(jobId) ? [item.event.type] : [],
  );
  expect(own).toEqual(['JobScheduled', 'JobRescheduled', 'JobRescheduled']);
});
