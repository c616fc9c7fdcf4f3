import { createServer, type Server } from 'node:http';
import { webhookHandler } from '../../../processes/executing/handlers/webhook';
import type { Handler } from '../../../processes/executing/ports';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

// who is slow, or has many jobs, holds up himself

/** The long rounds have the times that were seen in the field: a host that takes 7 s of 30. */
const patience = isLong
  ? { answerMs: 7_000, limitMs: 30_000 }
  : { answerMs: 1_500, limitMs: 6_000 };
/** So slow that half of its calls take longer than five print jobs do on any machine. */
const SLOW_ANSWER_MS = 1_000;

let world: World;
let server: Server;
let answerAfterMs = 0;
const calls: string[] = [];
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const once = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
let location: string;

beforeEach(async () => {
  calls.length = 0;
  server = createServer((request, response) => {
    calls.push(String(request.headers['webhook-id']));
    request.resume();
    setTimeout(() => response.writeHead(204).end(), answerAfterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  location = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(world.gateway());
});
afterEach(async () => {
  await world.dispose();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

const webhook = (timeoutMs: number): Handler =>
  webhookHandler({ secret, timeoutMs, allowPrivateTargets: true });

test('200 jobs due at once for one host that takes a quarter of the time limit: all are called once and in time', async () => {
  answerAfterMs = patience.answerMs;
  world.run(
    world.executor({
      handlers: { http: webhook(patience.limitMs) },
      settings: { concurrency: 1_000 },
    }),
  );
  const dueInMs = 500;
  const jobIds = await Promise.all(
    Array.from({ length: 200 }, () => world.schedule(dueInMs, { location, retry: once })),
  );
  await until(() => world.counts.of('reported:succeeded:accepted') === 200, {
    timeoutMs: 100_000,
    what: 'all have succeeded',
  });
  expect([...calls].sort()).toEqual(jobIds.map((jobId) => `${jobId}/1`).sort());
});

test('1,600 jobs for a slow host do not hold up the print jobs of another user', async () => {
  answerAfterMs = SLOW_ANSWER_MS;
  const callsAtPrint: number[] = [];
  const print: Handler = () => {
    callsAtPrint.push(calls.length);
    return Promise.resolve({ status: 'succeeded' });
  };
  world.run(
    world.executor({ handlers: { http: webhook(30_000), print }, settings: { graceMs: 10 } }),
  );
  await Promise.all(
    Array.from({ length: 1_600 }, () => world.schedule(2_000, { location, retry: once })),
  );
  await until(() => calls.length > 0, { what: 'the slow host is called' });
  for (let n = 1; n <= 5; n++) {
    await world.scheduleFor('bob', 0, { location: 'print:' });
    await until(() => callsAtPrint.length === n, { what: `print job ${n} has run` });
  }
  expect(callsAtPrint.at(-1)).toBeLessThan(800);
});

test('five sleeping jobs of one owner leave the fifth slot to the job of another', async () => {
  const ran: string[] = [];
  const print: Handler = ({ name }, signal) => {
    ran.push(name);
    if (name === 'quick') return Promise.resolve({ status: 'succeeded' });
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  };
  world.run(world.executor({ handlers: { print }, settings: { concurrency: 5, graceMs: 10 } }));
  await Promise.all(Array.from({ length: 5 }, () => world.schedule(0, { name: 'sleeper' })));
  await until(() => ran.length >= 3);
  const jobId = await world.scheduleFor('bob', 0, { name: 'quick' });
  await world.untilStory(jobId, 'JobSucceeded');
});
