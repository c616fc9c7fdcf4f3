import { systemTimers } from '../../../processes/runtime/timers';
import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { jobCommands } from '../../../commands/job-commands';
import { jobHistory } from '../../../commands/job-history';
import { jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { createMetrics } from '../../../infra/metrics';
import { listenTo, type Listener } from '../../../infra/postgres/listen';
import { lagWatch } from '../../../processes/health/lag-watch';
import type { Lag } from '../../../projections/queries/lag';
import { webMetrics } from '../../../processes/web/metrics';
import { projector } from '../../../processes/projecting/projector';
import { canRead, keepsUp, readinessOf } from '../../../processes/health/readiness';
import { freshness } from '../../../projections/queries/freshness';
import { jobQueries } from '../../../projections/queries/jobs';
import { readModel } from '../../../projections/projections';
import { testJobId } from '../../support/job-histories';
import { scheduled } from '../../support/jobs';
import { silentLogger, silentProjectorMetrics } from '../../support/processes';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { until } from '../../support/until';
import { apiUnderTest, bearer, keys, rightBody, told } from '../../unit/api/api-under-test';

let model: TestReadModel;
let notices: Listener;

beforeAll(async () => {
  model = await createReadModel();
  notices = listenTo({ url: model.url, applicationName: 'test-listen', channel: 'projected' });
});
const controller = new AbortController();
const running: Promise<void>[] = [];
afterAll(async () => {
  controller.abort();
  await Promise.all(running);
  await notices.stop();
  await model.dispose();
});

const EVENTS = 80_000;
const clock = { now: () => Date.now() };

/** A log that a new read model has to catch up on: its events are a minute old. */
const filledLog = async () => {
  const memory = memoryEventLog();
  const metadata = {
    $correlationId: 'c',
    $causationId: 'c',
    commandId: 'c',
    actor: { kind: 'user', id: 'alice' } as const,
    at: toTimestamp(Date.now() - 60_000),
    schemaVersion: 1,
  };
  for (let n = 0; n < EVENTS; n++)
    await memory.log.append(
      jobStream(testJobId(n)),
      [{ id: randomUUID(), ...scheduled({ ownerId: 'alice' }), metadata }],
      'no-stream',
    );
  return memory;
};

const gauges = async (text: Promise<string>): Promise<readonly number[]> =>
  [...(await text).matchAll(/^punctual_read_model_lag_(?:events|ms) (\S+)$/gm)].map(([, value]) =>
    Number(value),
  );

test('a new read model with eighty thousand events before it says so everywhere, what was accepted is there at once, and then all are quiet', async () => {
  const { log, feed, eventAt } = await filledLog();
  const logEnd = () => Promise.resolve(BigInt(EVENTS) * 128n);
  const fresh = freshness(model.db, notices.subscribe, systemTimers.after);
  const metrics = createMetrics();
  const lagDeps = { feed, logEnd, checkpoint: fresh.checkpoint, clock };
  const { lagEvents, lagMs } = webMetrics(metrics);
  const observe = ({ events, ms }: Lag): void => {
    lagEvents(events);
    lagMs(ms);
  };
  const watch = lagWatch({ ...lagDeps, everyMs: 50, observe });
  const { app } = apiUnderTest({
    commands: jobCommands({ log, clock, ids: uuids }),
    history: jobHistory(log, clock),
    jobs: jobQueries(model.db),
    freshness: { waitFor: fresh.waitFor, position: fresh.position, lag: watch.lag },
    readiness: readinessOf([canRead(fresh), keepsUp(lagDeps)]),
    clock,
  });
  const get = (path: string) => supertest(app).get(path).set('authorization', bearer(keys.alice));
  const projection = async (): Promise<unknown> => {
    const { status, body } = told(await supertest(app).get('/readyz'));
    expect(status).toBe(200); // it is behind for everybody: nobody else would be a better choice
    const { conditions } = body as { conditions: readonly { name: string }[] };
    return conditions.find(({ name }) => name === 'projection');
  };
  running.push(watch.run(controller.signal));

  await until(() => watch.lag());
  expect(await projection()).toMatchObject({ status: 'warn', detail: { lagEvents: EVENTS } });
  const list = await get('/v1/jobs');
  expect(Number(list.headers['punctual-lag-ms'])).toBeGreaterThan(50_000);
  expect((await gauges(metrics.text())).every((value) => value > 50_000)).toBe(true);
  const made = await supertest(app)
    .post('/v1/jobs')
    .set('authorization', bearer(keys.alice))
    .send({ ...rightBody, dueAt: toTimestamp(Date.now() + 3_600_000) });
  expect(made.status).toBe(201);
  const { jobId, position } = made.body as { jobId: string; position: string };
  expect((await get(`/v1/jobs/${jobId}`)).body).toMatchObject({ jobId, status: 'scheduled' });
  expect((await get(`/v1/jobs/${jobId}?after=${position}`)).status).toBe(200);

  running.push(
    projector({
      projection: readModel,
      feed,
      eventLog: log,
      eventAt,
      openSession: model.openSession,
      clock,
      draw: () => 0.5,
      logger: silentLogger,
      metrics: silentProjectorMetrics,
    }).run(controller.signal),
  );
  await until(() => watch.lag()?.events === 0, { what: 'it has caught up' });
  expect(await projection()).toEqual({
    name: 'projection',
    status: 'ok',
    detail: { lagEvents: 0, lagMs: 0 },
  });
  expect((await get('/v1/jobs')).headers['punctual-lag-ms']).toBe('0');
  expect(await gauges(metrics.text())).toEqual([0, 0]);
});
