import { EventLogRefused } from '../../../domain/event-log';
import { jobStream } from '../../../domain/ids';
import type { Handlers } from '../../../processes/executing/ports';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreEventAt } from '../../../infra/eventstore/event-at';
import { eventStoreFeed } from '../../../infra/eventstore/feed';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { resources } from '../../../processes/runtime/resources';
import { startTestEventStore } from '../../support/event-store';
import { plainStreams } from '../../support/names';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

let world: World;

/** A broker that takes less than a job, a batch or a beat may have. */
const MAX_PAYLOAD_BYTES = 8_192;

const opened = resources();

beforeEach(async () => {
  world = await createWorld({ maxPayloadBytes: MAX_PAYLOAD_BYTES });
});
afterEach(async () => {
  await world.dispose();
  await opened.close();
});

const run = (handlers: Handlers): void => {
  world.run(world.projector());
  world.run(world.gateway());
  world.run(world.executor({ handlers, settings: { concurrency: 400, heartbeatEveryMs: 100 } }));
  world.run(world.dispatcher());
};

test('a job that the broker will never take ends at once, with a reason that names both sizes', async () => {
  run({});
  const jobId = await world.schedule(0, { payload: 'x'.repeat(10_000), location: 'print:' });
  expect(await world.untilStory(jobId, 'JobFailed')).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobAttemptFailed',
    'JobFailed',
  ]);
  const events = await world.log.read(jobStream(jobId));
  expect(events.find(({ type }) => type === 'JobAttemptFailed')?.data).toMatchObject({
    cause: 'undeliverable',
    error: {
      code: 'message-too-large',
      message: expect.stringMatching(/it has 10\d\d\d bytes, and max_payload is 8192$/) as string,
    },
  });
});

test('a result that no message can carry is left out, and the work is not done again', async () => {
  let runs = 0;
  run({
    print: () => {
      runs += 1;
      return Promise.resolve({ status: 'succeeded', result: 'é'.repeat(5_000) });
    },
  });
  const jobId = await world.schedule(0, { location: 'print:' });
  await world.untilStory(jobId, 'JobSucceeded');
  const events = await world.log.read(jobStream(jobId));
  expect(events.at(-1)?.data).toMatchObject({
    result: { omitted: 'result-too-long', sizeBytes: expect.any(Number) as number },
  });
  expect(runs).toBe(1);
});

test('a result that the event store will never take is left out, and the work is not done again; a job of that size is refused by name', async () => {
  await world.dispose();
  const store = opened.own(await startTestEventStore({ maxAppendBytes: 16_384 }), ({ close }) =>
    close(),
  );
  const client = opened.own(openEventStore(store.server.url), closeEventStore);
  const log = eventStoreLog(client, plainStreams);
  const feed = eventStoreFeed(client, plainStreams);
  world = await createWorld({
    openLog: () => ({ log, feed, eventAt: eventStoreEventAt(client) }),
  });
  let runs = 0;
  run({
    print: () => {
      runs += 1;
      return Promise.resolve({ status: 'succeeded', result: 'x'.repeat(30_000) });
    },
  });
  const retry = { maxAttempts: 3, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
  const jobId = await world.schedule(0, { location: 'print:', retry });
  expect(await world.untilStory(jobId, 'JobSucceeded')).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
  const events = await world.log.read(jobStream(jobId));
  expect(events.at(-1)?.data).toMatchObject({
    result: { omitted: 'result-too-long', sizeBytes: 30_002 },
  });
  expect(runs).toBe(1);
  await expect(world.schedule(0, { payload: 'x'.repeat(30_000) })).rejects.toThrow(EventLogRefused);
});

test('many jobs at one moment go through: batches and beats are made to fit', async () => {
  let waiting: (() => void)[] = [];
  run({
    print: () =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ status: 'succeeded' }));
      }),
  });
  const dueInMs = 1_000;
  const ids = await Promise.all(
    Array.from({ length: 200 }, () => world.schedule(dueInMs, { location: 'print:' })),
  );
  // while they run a beat would have to name all of them
  await until(() => waiting.length === 200, { what: 'all run' });
  await until(
    async () => {
      const rows = await world.readModel.db<{ running: number }>('executors').select('running');
      return rows.some(({ running }) => running === 200);
    },
    { what: 'a beat was heard meanwhile' },
  );
  for (const end of waiting) end();
  waiting = [];
  for (const id of ids) await world.untilStory(id, 'JobSucceeded');
  const stories = await Promise.all(ids.map((id) => world.story(id)));
  expect(new Set(stories.map((story) => story.join()))).toEqual(
    new Set(['JobScheduled,JobDispatched,JobStarted,JobSucceeded']),
  );
});
