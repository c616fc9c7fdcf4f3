import knex, { type Knex } from 'knex';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

let db: Knex;
beforeAll(async () => {
  const { postgresUrl } = await stack().endpoints();
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
}, 90_000);

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

test('a due job that is held back says so over HTTP and at a terminal, and a queue without executors is a warning', async () => {
  // a holder for each slot leaves none for the dispatcher: what comes due stays as it is
  const { coreMetricsUrl } = await stack().endpoints();
  await db.raw(
    `update slot_leases set holder = 'nobody-' || slot, expires_at = now() + interval '1 hour'`,
  );
  await until(async () => {
    const metrics = await fetch(coreMetricsUrl).then((answer) => answer.text());
    return /^punctual_dispatch_slots 0$/m.test(metrics);
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

  await db.raw(
    `insert into unserved_queues values ('mial', now() - interval '5 minutes', 3, now())`,
  );
  const ready = await fetch(`${stack().httpUrl}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    status: 'ready',
    conditions: expect.arrayContaining([
      expect.objectContaining({ name: 'queues-served', status: 'warn' }),
    ]) as unknown,
  });
  await db.raw(
    'update slot_leases set holder = null, expires_at = null; truncate held_back, unserved_queues',
  );
}, 60_000);
