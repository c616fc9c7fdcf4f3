import { EventLogUnavailable } from '../../../domain/event-log';
import { natsRequests } from '../../../infra/nats/requests';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

let world: World;
const down = { isDown: false };

beforeAll(async () => {
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(
    world.gateway({
      commands: {
        ...world.attempts,
        claim: (claim) =>
          down.isDown
            ? Promise.reject(new EventLogUnavailable('away'))
            : world.attempts.claim(claim),
      },
    }),
  );
});
afterAll(async () => {
  await world.dispose();
});

const ask = async (subject: string, text: string): Promise<unknown> => {
  const answer = await natsRequests(world.connection).ask(subject, text, 60_000);
  return JSON.parse(Buffer.from(answer).toString('utf8'));
};
const request = (subject: string, body: unknown): Promise<unknown> =>
  ask(subject, JSON.stringify(body));

const dispatchedJob = async (): Promise<{ readonly jobId: string; readonly attempt: number }> => {
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobDispatched');
  return { jobId, attempt: 1 };
};

test.each`
  body                               | why
  ${'{'}                             | ${'no JSON'}
  ${'null'}                          | ${'no object'}
  ${'[]'}                            | ${'a list without a name'}
  ${'{"claims":[]}'}                 | ${'an empty batch'}
  ${'{"claims":{"length":1}}'}       | ${'a batch that only looks like a list'}
  ${'{"jobId":"$all","attempt":1}'}  | ${'an id that would reach another stream'}
  ${'{"__proto__":{"claims":[{}]}}'} | ${'a batch in disguise'}
`('a claim is refused and not fatal: $why', async ({ body }: { body: string }) => {
  expect(await ask('executor.claim', body)).toMatchObject({
    granted: false,
    code: 'invalid-request',
  });
});

test('one bad claim does not spoil its batch, and the answers keep the order', async () => {
  const [first, second] = await Promise.all([dispatchedJob(), dispatchedJob()]);
  const claim = { revision: 1, executorId: 'x1' };
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(
    await request('executor.claim', {
      claims: [
        { ...first, ...claim },
        { jobId: 'nonsense' },
        { ...claim, jobId: unknown, attempt: 1 },
        { ...second, ...claim, revision: 7 },
      ],
    }),
  ).toMatchObject({
    answers: [
      { granted: true },
      { granted: false, code: 'invalid-request' },
      { granted: false, code: 'job-not-found' },
      { granted: false, code: 'dispatch-superseded' },
    ],
  });
});

test('a log that is away is an answer: ask again', async () => {
  const job = await dispatchedJob();
  const claim = { ...job, revision: 1, executorId: 'x1' };
  down.isDown = true;
  const refused = await request('executor.claim', claim);
  down.isDown = false;
  expect(refused).toMatchObject({ granted: false, code: 'unavailable' });
  expect(refused).toHaveProperty('retryAfterMs');
  expect(await request('executor.claim', claim)).toMatchObject({ granted: true });
});

test('a report counts once, belongs to its token, and has a limited length', async () => {
  const job = await dispatchedJob();
  const granted = await request('executor.claim', { ...job, revision: 1, executorId: 'x1' });
  const { token } = granted as { token: string };
  const report = (outcome: object) => request('executor.report', { ...job, token, outcome });
  expect(await report({ status: 'succeeded', result: 'x'.repeat(70_000) })).toMatchObject({
    accepted: false,
    code: 'invalid-request',
  });
  expect(await report({ status: 'succeeded', result: 1 })).toMatchObject({ accepted: true });
  expect(await report({ status: 'succeeded', result: 1 })).toMatchObject({ accepted: true });
  expect(await report({ status: 'failed', error: { code: 'x', message: 'y' } })).toMatchObject({
    accepted: false,
    code: 'attempt-superseded',
  });
  expect((await world.story(job.jobId)).filter((type) => type === 'JobSucceeded')).toHaveLength(1);
});

test('heartbeats are written down, those of many executors together', async () => {
  const beats = Array.from({ length: 30 }, (_, i) => ({
    executorId: `beater-${i}`,
    queue: 'default',
    running: i,
  }));
  const answers = await Promise.all(beats.map((beat) => request('executor.heartbeat', beat)));
  expect(answers).toMatchObject(beats.map(() => ({ abort: [] })));
  const { rows } = await world.readModel.db.raw<{ rows: readonly unknown[] }>(
    `select executor_id from executors where executor_id like 'beater-%'`,
  );
  expect(rows).toHaveLength(30);
});

test('the gateway says as long as it hears that it does', async () => {
  await until(async () => {
    const { rows } = await world.readModel.db.raw<{ rows: readonly { alive: boolean }[] }>(
      `select alive_at > now() - interval '3 seconds' as alive from gateways`,
    );
    return rows[0]?.alive === true;
  });
});
