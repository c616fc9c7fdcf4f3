import knex, { type Knex } from 'knex';
import { readJobStreams, type LoggedEvent } from '../../support/log-checker';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

let db: Knex;
const MISSPELT_JOBS = 3;
beforeAll(async () => {
  const { postgresUrl } = await stack().endpoints();
  for (let n = 0; n < MISSPELT_JOBS; n += 1)
    await userOf('ada').schedule(Date.now(), { queue: 'mial' });
  db = knex({ client: 'pg', connection: postgresUrl, pool: { min: 0, max: 2 } });
});
afterAll(async () => {
  await db.destroy();
});

const shares = { queues: { default: { maxRunning: 900 } }, owners: { ada: { weight: 2 } } };

const put = (document: object, ifMatch: string): Promise<Response> =>
  fetch(`${stack().httpUrl}/v1/shares`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${stack().keyOf('olga')}`,
      'content-type': 'application/json',
      'if-match': ifMatch,
    },
    body: JSON.stringify(document),
  });

test('operators set shares over HTTP and see them in force; the proofs of the log hold with them in it', async () => {
  const olga = userOf('olga');
  expect((await put(shares, '"none"')).status).toBe(200);
  const read = await olga.get('/v1/shares');
  expect([read.body, read.headers.get('etag')]).toEqual([shares, '"0"']);
  expect((await put({ queues: {}, owners: {} }, '"none"')).status).toBe(412);
  await until(async () => {
    const { body } = await olga.get('/v1/queues');
    const { queues } = body as { queues: { queue: string; executors: number; limits: object }[] };
    const own = queues.find(({ queue }) => queue === 'default');
    expect(own?.limits ?? shares.queues.default).toMatchObject(shares.queues.default);
    return own?.executors === 1;
  });

  const ada = userOf('ada');
  await ada.untilStatus(await ada.schedule(Date.now()), 'succeeded');
  const where = ['--data-dir', stack().dataDir];
  expect(await runVerb(['audit', 'verify', ...where])).toMatchObject({ code: 0 });
  expect(await runVerb(['replay', '--dry-run', ...where])).toMatchObject({ code: 0 });
});

test('an owner is held to his queues', async () => {
  const dan = userOf('dan');
  const job = {
    name: 'a',
    dueAt: new Date(Date.now() + 3_600_000).toISOString(),
    location: 'print:',
  };
  expect((await dan.post('/v1/jobs', job)).body.type).toBe('/problems/queue-forbidden');
  expect((await dan.post('/v1/jobs', { ...job, queue: 'mail' })).status).toBe(201);
});

const eventsOf = async (jobIds: readonly string[]): Promise<readonly LoggedEvent[]> => {
  const streams = await readJobStreams((await stack().endpoints()).eventstoreUrl);
  return jobIds.flatMap((jobId) => streams.get(jobId) ?? []).sort((a, b) => a.at - b.at);
};

/** The most of these jobs that ran at one time. */
const mostAtOnce = async (jobIds: readonly string[]): Promise<number> => {
  let running = 0;
  return (await eventsOf(jobIds)).reduce((most, { type }) => {
    if (type === 'JobStarted') running += 1;
    if (['JobSucceeded', 'JobAborted'].includes(type)) running -= 1;
    return Math.max(most, running);
  }, 0);
};

test('a cap and a rate that are set while jobs run hold for those that come due: two at a time, five a second', async () => {
  const ada = userOf('ada');
  const olga = userOf('olga');
  const set = async (queue: object): Promise<void> => {
    const { headers } = await olga.get('/v1/shares');
    const document = { queues: { default: queue }, owners: {} };
    expect((await put(document, headers.get('etag') ?? '"none"')).status).toBe(200);
  };
  const scheduleMany = (count: number, sleepMs: number) => {
    const [dueAt, more] = [Date.now(), { payload: { sleepMs } }];
    return Promise.all(Array.from({ length: count }, () => ada.schedule(dueAt, more)));
  };
  const all = (jobIds: readonly string[], status: string) => ada.untilAll(jobIds, status);
  /** Dispatchers read what operators have set now and then: it is in force when jobs wait for it. */
  const untilInForce = (reason: string) =>
    until(
      async () => {
        const waiting = await scheduleMany(15, 0);
        const became = await until(async () => {
          const jobs = await Promise.all(waiting.map((jobId) => ada.get(`/v1/jobs/${jobId}`)));
          if (jobs.some(({ body }) => body.waitingFor?.reason === reason)) return 'held back';
          return jobs.every(({ body }) => body.status === 'succeeded') ? 'run' : undefined;
        });
        return became === 'held back';
      },
      { what: `jobs wait: ${reason}` },
    );

  const before = await scheduleMany(6, 300_000);
  await all(before, 'running');
  await set({ maxRunning: 2 });
  await untilInForce('queue-running');
  for (const jobId of before) await ada.post(`/v1/jobs/${jobId}/abort`);
  const capped = await scheduleMany(6, 1_000);
  await all(before, 'aborted');
  await all(capped, 'succeeded');
  expect(await mostAtOnce(before)).toBe(6);
  expect(await mostAtOnce(capped)).toBe(2);

  const beside = await scheduleMany(1, 300_000);
  await all(beside, 'running');
  await set({ ratePerSecond: 5 });
  await untilInForce('queue-rate');
  const rated = await scheduleMany(11, 0);
  await all(rated, 'succeeded');
  for (const jobId of beside) await ada.post(`/v1/jobs/${jobId}/abort`);
  const starts = (await eventsOf(rated)).filter(({ type }) => type === 'JobStarted');
  // ten intervals of 200 ms, less what one start comes late and another does not
  expect((starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(1_700);
  await set(shares.queues.default);
});

test('jobs of a queue that nobody serves are a warning on /readyz, which stays 200, a metric and a line in the log', async () => {
  const condition = await until(
    async () => {
      const ready = await fetch(`${stack().httpUrl}/readyz`);
      expect(ready.status).toBe(200);
      const { conditions } = (await ready.json()) as { conditions: { name: string }[] };
      return conditions.find((one) => one.name === 'queues-served' && 'detail' in one);
    },
    { what: 'the queue is told' },
  );
  expect(condition).toMatchObject({
    status: 'warn',
    detail: {
      queues: expect.arrayContaining([
        expect.objectContaining({ queue: 'mial', jobs: MISSPELT_JOBS }),
      ]) as unknown,
    },
  });
  const { coreMetricsUrl } = await stack().endpoints();
  await until(
    async () => {
      const metrics = await fetch(coreMetricsUrl).then((answer) => answer.text());
      return /^punctual_unserved_queue_jobs\{queue="mial"\} 3$/m.test(metrics);
    },
    { what: 'the metric counts its jobs' },
  );
  const told = (): readonly string[] =>
    stack()
      .errors()
      .split('\n')
      .filter(
        (line) => line.includes('no executor serves this queue') && line.includes('"queue":"mial"'),
      );
  await until(() => told().length > 0, { what: 'the log tells of it' });
  expect(told()).toHaveLength(1);
});

let holding: NodeJS.Timeout | undefined;
afterEach(() => clearInterval(holding));

test('a due job that is held back says so over HTTP and at a terminal', async () => {
  // a holder for each shard leaves none for the dispatcher: what comes due stays as it is
  const { coreMetricsUrl } = await stack().endpoints();
  const holdShards = () =>
    db.raw(
      `update slot_leases set holder = 'nobody-' || slot, expires_at = clock_timestamp() + interval '5 s'`,
    );
  await holdShards();
  holding = setInterval(() => void holdShards().catch(() => undefined), 300);
  await until(async () => {
    const metrics = await fetch(coreMetricsUrl).then((answer) => answer.text());
    return /^punctual_dispatch_shards 0$/m.test(metrics);
  });
  const ada = userOf('ada');
  const jobId = await ada.schedule(Date.now() - 1_000, { queue: 'bulk' });
  const since = new Date(Date.now() - 1_000).toISOString();
  const holdBack = () =>
    db.raw(
      `insert into held_back values ('bulk', '', 'queue-rate', ?, now() + interval '1 minute')
       on conflict (queue, owner_id) do update set seen_at = excluded.seen_at`,
      [since],
    );
  const waitingFor = { reason: 'queue-rate', since };
  await until(async () => {
    await holdBack();
    const { body } = await ada.get(`/v1/jobs/${jobId}`);
    return body.status === 'scheduled' && body.waitingFor?.since === since;
  });
  await holdBack();
  expect((await ada.get('/v1/jobs?queue=bulk')).body.items).toMatchObject([{ jobId, waitingFor }]);
  await holdBack();
  const { output } = await runVerb(['audit', 'job', jobId, '--data-dir', stack().dataDir]);
  expect(output).toContain('waits for its turn in queue bulk. Its queue is dispatched no faster');
  clearInterval(holding);
  await holdShards(); // after those that were under way
  await db.raw('update slot_leases set holder = null, expires_at = null; truncate held_back');
});
