import type { ServerResponse } from 'node:http';
import { until } from '../../../support/until';
import { verified } from '../../../support/webhook-target';
import { accepted, by, createNotifyingWorld, type NotifyingWorld, type Running } from './world';

// status changes reach whoever asked for them, once they are known and whoever dies meanwhile

let world: NotifyingWorld;
const notifiers: Running[] = [];

beforeAll(async () => {
  world = await createNotifyingWorld();
  world.runProjector();
});
afterEach(async () => {
  await Promise.all(notifiers.splice(0).map(({ stop }) => stop()));
});
afterAll(async () => {
  await world.dispose();
});

const run = (...changes: Parameters<NotifyingWorld['runNotifier']>): Running => {
  const running = world.runNotifier(...changes);
  notifiers.push(running);
  return running;
};
const untilCalls = (path: string, count: number) =>
  until(
    () => {
      const calls = world.target.calls(path);
      return calls.length >= count ? calls : undefined;
    },
    { what: `${path} was called ${count} times` },
  );
/** Recorded, that is: what was called may not be, and goes by the clock as it is then. */
const untilAttempts = (webhookId: string, count: number) =>
  until(
    async () => {
      const rows = await world.readModel
        .db<{ attempts: number }>('webhook_deliveries')
        .where('webhook_id', webhookId)
        .select('attempts');
      return rows.reduce((sum, { attempts }) => sum + attempts, 0) >= count;
    },
    { what: `${count} attempts are recorded` },
  );
const typesOf = (path: string, jobId: string): readonly string[] =>
  world.target
    .calls(path)
    .filter(({ data }) => data['jobId'] === jobId)
    .map(({ type }) => type);

test('a consumer verifies with the published library what it is told: all changes of its owner from then on, in order', async () => {
  run();
  const before = await world.schedule('ada');
  const { secret } = await world.register('ada', '/ada');
  const jobId = await world.schedule('ada', ['green']);
  await world.schedule('eve');
  await world.cancel('ada', jobId);
  const [first, second] = await untilCalls('/ada', 2);
  if (!first || !second) throw new Error('two came');
  expect(verified(secret, first)).toMatchObject({
    type: 'job.scheduled',
    data: { jobId, ownerId: 'ada', status: 'scheduled', revision: 0, tags: ['green'] },
  });
  expect(verified(secret, second)).toMatchObject({ type: 'job.cancelled', data: { jobId } });
  expect(first.id).not.toBe(second.id);
  expect(() => verified(secret, { ...first, body: first.body.replace('ada', 'eve') })).toThrow();
  await world.cancel('ada', before);
  await untilCalls('/ada', 3);
  // that of the job before the registration is told, its past is not
  expect(typesOf('/ada', before)).toEqual(['job.cancelled']);
});

test('after a rotation both secrets verify, and after its time only the new one does', async () => {
  run();
  const { webhookId, secret } = await world.register('max', '/max');
  const rotated = accepted(await world.webhooks.rotate(webhookId, 3_600_000, by('max')));
  const newSecret = world.box.open(rotated.newSecret ?? '', webhookId) ?? '';
  await world.register('max', '/max-other'); // the rotation is projected before it
  await world.schedule('max');
  const [both] = await untilCalls('/max', 1);
  if (!both) throw new Error('one came');
  expect(verified(secret, both)).toEqual(verified(newSecret, both));
  world.clock.add(3_600_001);
  await world.schedule('max');
  const [, later] = await untilCalls('/max', 2);
  const signatures = String(later?.headers['webhook-signature']).split(' ');
  expect(signatures).toHaveLength(1);
});

test('only what was asked for is told: event types and tags', async () => {
  run();
  await world.register('bob', '/bob', { eventTypes: ['job.cancelled'], tags: ['red', 'blue'] });
  const [plain, red] = [await world.schedule('bob'), await world.schedule('bob', ['red'])];
  await world.cancel('bob', plain);
  await world.cancel('bob', red);
  const calls = await untilCalls('/bob', 1);
  expect(calls.map(({ type, data }) => [type, data['jobId']])).toEqual([['job.cancelled', red]]);
});

test('one that is killed in the middle of a delivery loses none: the next notifier sends it again under the same id', async () => {
  await world.register('cyd', '/cyd');
  const never = new Promise<never>(() => undefined);
  const { deliveries, queues, ...dying } = world.deps();
  const killed = world.runNotifier({
    ...dying,
    deliveries: { ...deliveries, settle: () => never },
    queues: { ...queues, renew: () => never, release: () => never },
  });
  const jobId = await world.schedule('cyd');
  await untilCalls('/cyd', 1);
  void killed.stop(); // it never comes to an end
  await world.cancel('cyd', jobId);
  run();
  const calls = await untilCalls('/cyd', 3);
  expect(calls.map(({ type }) => type)).toEqual([
    'job.scheduled',
    'job.scheduled',
    'job.cancelled',
  ]);
  expect(calls[0]?.id).toBe(calls[1]?.id);
});

test('what is refused is sent again under the same id, and the next change of that job waits for it; other jobs do not', async () => {
  run();
  const { webhookId } = await world.register('dan', '/dan');
  const first = await world.schedule('dan');
  await untilCalls('/dan', 1);
  world.target.answers('/dan', (response, nth) => {
    response.writeHead(nth === 2 ? 503 : 204).end();
  });
  await world.cancel('dan', first);
  await untilCalls('/dan', 2);
  const other = await world.schedule('dan');
  await untilCalls('/dan', 3);
  expect(typesOf('/dan', other)).toEqual(['job.scheduled']);
  await untilAttempts(webhookId, 3);
  world.clock.add(10_000);
  const calls = await untilCalls('/dan', 4);
  expect(typesOf('/dan', first)).toEqual(['job.scheduled', 'job.cancelled', 'job.cancelled']);
  expect(calls[1]?.id).toBe(calls[3]?.id);
});

test('while the first change of a job fails none of its later ones is sent', async () => {
  run();
  await world.register('fay', '/fay');
  world.target.answers('/fay', (response, nth) => {
    response.writeHead(nth === 1 ? 500 : 200).end();
  });
  const jobId = await world.schedule('fay');
  await untilCalls('/fay', 1);
  await world.cancel('fay', jobId);
  const other = await world.schedule('fay');
  // that one's success tells that the target is back: what had failed is not kept waiting, and comes before the next
  await untilCalls('/fay', 4);
  expect(typesOf('/fay', other)).toEqual(['job.scheduled']);
  expect(typesOf('/fay', jobId)).toEqual(['job.scheduled', 'job.scheduled', 'job.cancelled']);
});

test('a target that answers 410 is called no more; once resumed it gets what waited', async () => {
  run();
  const { webhookId } = await world.register('gil', '/gil');
  world.target.answers('/gil', (response, nth) => {
    response.writeHead(nth === 1 ? 410 : 200).end();
  });
  const jobId = await world.schedule('gil');
  await until(async () => (await world.statusOf('gil', webhookId)) === 'disabled');
  await untilAttempts(webhookId, 1); // written after the webhook was turned off
  await world.cancel('gil', jobId);
  world.clock.add(60_000);
  expect(world.target.calls('/gil')).toHaveLength(1);
  accepted(await world.webhooks.resume(webhookId, by('gil')));
  await world.asked.wake(webhookId, world.clock.now());
  const calls = await untilCalls('/gil', 2);
  expect(calls[0]?.id).toBe(calls[1]?.id);
});

test('a day without a success turns it off, a failure in between does not', async () => {
  run();
  const { webhookId } = await world.register('hal', '/hal');
  let status = 500;
  world.target.answers('/hal', (response) => {
    response.writeHead(status).end();
  });
  await world.schedule('hal');
  await untilAttempts(webhookId, 1);
  world.clock.add(23 * 3_600_000);
  await untilAttempts(webhookId, 2);
  status = 200;
  world.clock.add(7_200_000);
  await untilAttempts(webhookId, 3);
  status = 500;
  await world.schedule('hal');
  await untilAttempts(webhookId, 4);
  expect(await world.statusOf('hal', webhookId)).toBe('active');
  world.clock.add(24 * 3_600_000 + 1);
  await until(async () => (await world.statusOf('hal', webhookId)) === 'disabled');
});

test('a target that never answers holds up nobody else, and its owner no more than his share', async () => {
  const settings = { everyMs: 100, quietMs: 10, leaseMs: 60_000, queues: 2, queuesPerOwner: 1 };
  run({ settings });
  await world.register('ivy', '/ivy-1');
  await world.register('ivy', '/ivy-2');
  await world.register('joe', '/joe');
  const unanswered: ServerResponse[] = [];
  for (const path of ['/ivy-1', '/ivy-2'])
    world.target.answers(path, (response) => void unanswered.push(response));
  await world.schedule('ivy');
  await until(
    () => [...world.target.calls('/ivy-1'), ...world.target.calls('/ivy-2')].length === 1,
  );
  await world.schedule('joe');
  await untilCalls('/joe', 1);
  // the first call has not come to its end
  expect([...world.target.calls('/ivy-1'), ...world.target.calls('/ivy-2')]).toHaveLength(1);
  for (const path of ['/ivy-1', '/ivy-2'])
    world.target.answers(path, (response) => void response.writeHead(204).end());
  for (const response of unanswered) response.writeHead(204).end();
});

test('a webhook for which more waits than may is turned off: the table of all is no place for the rest', async () => {
  run({ settings: { everyMs: 100, quietMs: 10, maxWaiting: 3 } });
  const { webhookId } = await world.register('kim', '/kim');
  world.target.answers('/kim', (response) => {
    response.writeHead(500).end();
  });
  for (let n = 0; n < 5; n += 1) await world.schedule('kim');
  await until(async () => (await world.statusOf('kim', webhookId)) === 'disabled');
  expect((await world.webhooks.load(webhookId, by('kim')))?.disabledBecause).toBe('backlog');
});

test("a lease of a time to come is nobody's: the clock was set back, and whoever made it may be dead", async () => {
  await world.register('pat', '/pat');
  await world.schedule('pat');
  await until(
    async () =>
      (await world.readModel.db('webhook_queues').update({
        holder: 'dead',
        leased_until: world.readModel.db.raw(`now() + interval '1 hour'`),
      })) > 0,
  );
  run();
  await untilCalls('/pat', 1);
});

test('two notifiers side by side send each change once, those of a job in order', async () => {
  // no lease runs out, however slow its holder is: then another would send the same again
  const settings = { everyMs: 100, quietMs: 10, leaseMs: 60_000 };
  run({ settings });
  run({ settings });
  await world.register('leo', '/leo');
  const jobIds = await Promise.all(Array.from({ length: 40 }, () => world.schedule('leo')));
  await Promise.all(jobIds.map((jobId) => world.cancel('leo', jobId)));
  const calls = await untilCalls('/leo', 80);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  for (const jobId of jobIds)
    expect(typesOf('/leo', jobId)).toEqual(['job.scheduled', 'job.cancelled']);
});

test('a read model that is built anew sends nothing again', async () => {
  const other = await createNotifyingWorld();
  try {
    const projecting = other.runProjector();
    other.runNotifier();
    await other.register('ned', '/ned');
    await other.schedule('ned');
    await until(() => other.target.calls('/ned').length === 1);
    await projecting.stop();
    await other.readModel.clear();
    other.runProjector();
    const jobId = await other.schedule('ned');
    await until(() => other.target.calls('/ned').length >= 2);
    expect(other.target.calls('/ned').map(({ data }) => data['jobId'])).toEqual([
      expect.anything(),
      jobId,
    ]);
  } finally {
    await other.dispose();
  }
});
