import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { toTimestamp } from '../../../domain/time';
import { onlyOnOurs } from '../../support/given-event-store';
import { allJobs, asFolded } from '../../support/all-jobs';
import type { HttpAnswer, HttpUser } from '../../support/http';
import { breachesOf, foldAll, readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it takes the event store away');

// each server away for a while: what users are told meanwhile, and that nothing is lost or done twice afterwards

let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(0);
  ada = userOf('ada');
});

afterAll(() => ledger.close());

/** Longest that an answer may take: the product's own limit of 10 s, and a machine that is busy or slow. */
const ANSWERED_WITHIN_MS = 30_000;

const jobBody = (more: object = {}) => ({
  name: 'a job',
  dueAt: toTimestamp(Date.now() + 3_600_000),
  location: ledger.location,
  ...more,
});
const keyed = (body: object, key: string): Promise<HttpAnswer> =>
  ada.post('/v1/jobs', body, { 'idempotency-key': key });
const isReady = async (): Promise<boolean> => (await ada.get('/readyz')).status === 200;
const untilReady = () => until(isReady, { what: 'the API is ready again' });

/** Told to come back later, within the time that an answer may take. */
const expectOutage = async (answer: Promise<HttpAnswer>, ...codes: readonly string[]) => {
  const startedAtMs = performance.now();
  const { status, headers, body } = await answer;
  expect([503, 504]).toContain(status);
  expect(codes.map((code) => `/problems/${code}`)).toContain(body.type);
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
  expect(performance.now() - startedAtMs).toBeLessThan(ANSWERED_WITHIN_MS);
};

const jobsNamed = async (name: string): Promise<readonly string[]> =>
  [...(await readJobStreams(cluster().eventstoreUrl))]
    .filter(([, events]) => events[0]?.data['name'] === name)
    .map(([jobId]) => jobId);

const runsOf = (jobIds: readonly string[]): readonly string[] =>
  ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
const finish = (jobIds: readonly string[]) => ada.untilAll(jobIds, 'succeeded');

/** Every one of them ran once, in its first attempt, and the log says nothing that it must not. */
const expectEachRanOnce = async (jobIds: readonly string[]): Promise<void> => {
  await finish(jobIds);
  expect([...runsOf(jobIds)].sort()).toEqual(jobIds.map((jobId) => `${jobId}/1`).sort());
  const streams = await readJobStreams(cluster().eventstoreUrl);
  expect(jobIds.flatMap((jobId) => breachesOf(jobId, streams.get(jobId) ?? []))).toEqual([]);
};

describe('the event store', () => {
  test('killed: commands are refused for now, queries answer, and the same key resolves after its restart', async () => {
    const jobId = await ada.schedule(Date.now() + 3_600_000);
    await ada.untilStatus(jobId, 'scheduled');
    const body = jobBody({ name: 'while the log was dead' });
    await cluster().kill('eventstore');
    const refused = keyed(body, 'dead');
    expect((await ada.get(`/v1/jobs/${jobId}`)).body.status).toBe('scheduled');
    expect((await ada.get('/v1/jobs')).status).toBe(200);
    await until(
      async () => {
        const ready = await ada.get('/readyz');
        expect([ready.status, ready.body.checks]).toMatchObject([
          503,
          { eventLog: 'unavailable', readModel: 'ok' },
        ]);
        return true;
      },
      { what: '/readyz says that the event log is away, and nothing else' },
    );
    await expectOutage(refused, 'event-log-unavailable', 'outcome-unknown');

    await cluster().start('eventstore');
    const answer = await until(async () => {
      const tried = await keyed(body, 'dead');
      return tried.status === 201 ? tried : undefined;
    });
    expect(await jobsNamed('while the log was dead')).toEqual([answer.body.jobId]);
    await untilReady();
  });

  test('frozen: the answer comes in time, and after the thaw the same key tells the truth', async () => {
    const body = jobBody({ name: 'while the log was frozen' });
    cluster().signal('eventstore', 'SIGSTOP');
    try {
      await Promise.all([
        expectOutage(keyed(body, 'frozen'), 'event-log-unavailable', 'outcome-unknown'),
        expectOutage(
          ada.get('/v1/jobs/00000000-0000-7000-8000-000000000001/events'),
          'event-log-unavailable',
        ),
      ]);
      expect((await ada.get('/v1/jobs')).status).toBe(200);
    } finally {
      cluster().signal('eventstore', 'SIGCONT');
    }
    await untilReady();
    const answers = [await keyed(body, 'frozen'), await keyed(body, 'frozen')];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.headers.get('idempotent-replayed')).toBe('true');
    expect(await jobsNamed('while the log was frozen')).toEqual([answers[0]?.body.jobId]);
    expect(answers[1]?.body.jobId).toBe(answers[0]?.body.jobId);
  });
});

describe('Postgres', () => {
  test('killed: queries and commands say so and never 500; all of it comes back by itself', async () => {
    const jobId = await ada.schedule(Date.now() + 3_600_000);
    await ada.untilStatus(jobId, 'scheduled');
    const missed = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        ada.schedule(Date.now() + 1_000 + i * 50, { location: ledger.location }),
      ),
    );
    await cluster().kill('postgres');
    const body = jobBody({ name: 'while Postgres was dead' });
    await Promise.all([
      expectOutage(ada.get(`/v1/jobs/${jobId}`), 'read-model-unavailable'),
      expectOutage(ada.get('/v1/jobs'), 'read-model-unavailable'),
      expectOutage(ada.get('/v1/jobs?after=1'), 'read-model-unavailable', 'projection-behind'),
      // the embedded event store keeps its log there as well
      expectOutage(keyed(body, 'pg'), 'event-log-unavailable', 'outcome-unknown'),
      ada.get('/readyz').then(({ status, body: { checks } }) => {
        expect([status, checks]).toMatchObject([503, { readModel: 'unavailable' }]);
      }),
    ]);
    expect((await ada.get('/livez')).status).toBe(200);

    await cluster().start('postgres');
    await untilReady();
    expect((await ada.get(`/v1/jobs/${jobId}`)).body.status).toBe('scheduled');
    const answer = await until(async () => {
      const tried = await keyed(body, 'pg');
      return tried.status === 201 ? tried : undefined;
    });
    expect(await jobsNamed('while Postgres was dead')).toEqual([answer.body.jobId]);
    await expectEachRanOnce(missed);
  });
});

describe('NATS', () => {
  const JOBS = isLong ? 50 : 20;
  const dueSoon = (count: number): Promise<readonly string[]> =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        ada.schedule(Date.now() + 500 + i * 20, { location: ledger.location }),
      ),
    );
  const dispatched = (jobIds: readonly string[]) =>
    ada.untilAll(jobIds, 'queued', 'running', 'succeeded');

  test('killed while jobs come due: they are dispatched all the same, more are accepted, and all run once after its restart', async () => {
    const jobIds = await dueSoon(JOBS);
    await until(() => runsOf(jobIds).length > 0);
    await cluster().kill('nats');
    await dispatched(jobIds);
    const accepted = await ada.schedule(Date.now(), { location: ledger.location });
    await cluster().start('nats');
    await expectEachRanOnce([...jobIds, accepted]);
  });

  test('that comes back empty: every message is made again from the log, and every job runs once', async () => {
    await cluster().kill('executor');
    const jobIds = await dueSoon(JOBS);
    await dispatched(jobIds);
    await cluster().kill('nats');
    await rm(join(cluster().dataDir, 'nats'), { recursive: true });
    await cluster().start('nats');
    await cluster().start('executor');
    await expectEachRanOnce(jobIds);
  });
});

test('a read model that was emptied is built again from the log and equals its fold', async () => {
  const jobIds = await Promise.all(
    Array.from({ length: isLong ? 30 : 12 }, (_, i) =>
      ada.schedule(Date.now() + (i % 3) * 1_000_000, {
        location: ledger.location,
        retry: { maxAttempts: 1 },
      }),
    ),
  );
  await finish(jobIds.filter((_, i) => i % 3 === 0));
  await cluster().kill('projector');
  const streams = await readJobStreams(cluster().eventstoreUrl);
  const client = new Client({ connectionString: cluster().postgresUrl });
  await client.connect();
  await client.query(`truncate jobs, due_jobs, status_feed, parked_streams;
                      update checkpoint set position = -1, applied_at = now()`);
  await client.end();
  expect((await allJobs(ada)).size).toBe(0);

  await cluster().start('projector');
  await until(
    async () => {
      expect(asFolded(await allJobs(ada))).toEqual(foldAll(streams));
      return true;
    },
    { what: 'the read model is the fold of the log' },
  );
  const another = await ada.schedule(Date.now(), { location: ledger.location });
  await expectEachRanOnce([another]);
});
