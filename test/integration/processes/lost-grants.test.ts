import { setTimeout as sleep } from 'node:timers/promises';
import { natsRequests } from '../../../infra/nats/requests';
import type { Ask, Handler } from '../../../processes/executing/ports';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

// a claim was granted and its answer never arrived: its executor lives, beats, and knows nothing of it

let world: World;
const succeed: Handler = () => Promise.resolve({ status: 'succeeded' });
const twice = { maxAttempts: 2, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
const settings = { heartbeatEveryMs: 200 };

beforeEach(async () => {
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  for (const _ of [1, 2]) world.run(world.gateway({ settings: { listeningEveryMs: 100 } }));
});
afterEach(async () => {
  await world.dispose();
});

/** A first attempt's claims are granted, and nobody hears of it; the second's are, whoever claims it. */
const deaf = (timeoutMs: number): Ask => {
  const { ask } = natsRequests(world.connection);
  return async (subject, text) => {
    const answer = await ask(subject, text, timeoutMs);
    const isLost =
      subject.startsWith('executor.claim') &&
      (JSON.parse(text) as { readonly attempt: number }).attempt === 1;
    if (isLost) throw new Error('the answer got lost');
    return answer;
  };
};

test('it is given up within some beats, not at its time limit, and the attempt is tried again', async () => {
  const first = world.run(
    world.executor({
      handlers: { print: succeed },
      ask: deaf(1_000),
      settings: { ...settings, claimPatienceMs: 100 },
    }),
  );
  const jobId = await world.schedule(0, { retry: twice, timeoutMs: 3_600_000 });
  await world.untilStory(jobId, 'JobStarted');
  world.run(world.executor({ handlers: { print: succeed }, settings }));
  await until(async () => (await world.story(jobId)).includes('JobAttemptFailed'), {
    what: 'the grant is given up',
  });
  const failed = (await world.log.read(`job-${jobId}`)).find(
    ({ type }) => type === 'JobAttemptFailed',
  );
  expect(failed?.data).toMatchObject({
    cause: 'executor-lost',
    error: { code: 'grant-lost' },
  });
  await until(() => world.counts.of('lost-grant') > 0, { what: 'it is counted' });
  await first.stop();
  await world.untilStory(jobId, 'JobSucceeded');
  expect(world.counts.of('lost-grant')).toBe(1); // both gateways hear the beats, one append wins
});

test('a run that goes on is named and left alone, beat after beat', async () => {
  let finish = (): void => undefined;
  const handler: Handler = () =>
    new Promise((resolve) => {
      finish = () => {
        resolve({ status: 'succeeded' });
      };
    });
  const beats: string[] = [];
  const { ask } = natsRequests(world.connection);
  const counted: Ask = (subject, text, timeoutMs) => {
    if (subject === 'executor.heartbeat') beats.push(text);
    return ask(subject, text, timeoutMs);
  };
  world.run(world.executor({ handlers: { print: handler }, ask: counted, settings }));
  const jobId = await world.schedule(0, { retry: twice });
  await world.untilStory(jobId, 'JobStarted');
  const from = beats.length;
  await until(() => beats.length > from + 8);
  expect(beats.at(-1)).toContain(jobId);
  finish();
  expect(await world.untilStory(jobId, 'JobSucceeded')).not.toContain('JobAttemptFailed');
});

test('a run whose attempt was given to others is stopped at the next beat, so that two run no longer side by side', async () => {
  const running = new Set<number>();
  const handler: Handler = ({ attempt }, signal) => {
    running.add(attempt);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        running.delete(attempt);
        reject(new Error(String(signal.reason)));
      });
    });
  };
  const run = world.run(
    world.executor({ handlers: { print: handler }, settings: { ...settings, graceMs: 10 } }),
  );
  const jobId = await world.schedule(0, { retry: twice });
  await until(() => running.has(1));
  const started = (await world.log.read(`job-${jobId}`)).find(({ type }) => type === 'JobStarted');
  const { executorId } = started?.data as { readonly executorId: string };
  await world.attempts.loseExecutor(jobId, 1, executorId);
  await until(() => running.has(2) && !running.has(1), { what: 'only the second attempt runs' });
  expect((await world.story(jobId)).filter((type) => type === 'JobStarted')).toHaveLength(2);
  await run.stop();
});

test('an executor that sends only a count keeps its runs', async () => {
  const { ask } = natsRequests(world.connection);
  const jobId = await world.schedule(0, { retry: twice });
  await world.untilStory(jobId, 'JobDispatched');
  const claim = { jobId, attempt: 1, revision: 1, executorId: 'old' };
  await ask('executor.claim', JSON.stringify(claim), 60_000);
  // through several round trips of the gateways
  for (let sent = 0; sent < 100; sent++) {
    const beat = { executorId: 'old', queue: 'default', running: sent % 2 };
    await ask('executor.heartbeat', JSON.stringify(beat), 60_000);
    await sleep(5);
  }
  expect((await world.story(jobId)).at(-1)).toBe('JobStarted');
});
