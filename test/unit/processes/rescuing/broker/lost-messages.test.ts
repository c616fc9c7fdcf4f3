import type { SentJob } from '../../../../../commands/redispatch';
import { lostMessagesSearch } from '../../../../../processes/rescuing/broker/lost-messages';
import { seenTime } from '../../../../../processes/rescuing/seen-time';
import { rescuerDefaults } from '../../../../../processes/rescuing/settings';
import { strays } from '../../../../../processes/rescuing/broker/strays';
import { nthJobId } from '../../../../support/due-rows';
import { manualTimers } from '../../../../support/manual-timers';
import { metricsRecorder, silentLogger } from '../../../../support/processes';

const START = Date.parse('2026-11-23T12:00:00Z');
const EACH_MS = 40; // what a comparison costs here

/** Jobs that wait for their start, and a broker that holds the messages of some of them. */
const setUp = (count: number, madeAt = '2020-01-01T00:00:00Z') => {
  const timers = manualTimers();
  const { counts, rescuer: metrics } = metricsRecorder();
  const seen = seenTime();
  const held = new Set(Array.from({ length: count }, (_, n) => nthJobId(n)));
  const broker = { madeAt, roomBytes: Infinity, isFull: false, listed: 0 };
  const sent: SentJob[] = [];
  const full = new Error('full');
  const { round } = lostMessagesSearch(
    {
      ...{ logger: silentLogger, metrics, timers, seen, strays: strays(seen), concurrency: 1 },
      commands: {
        redispatch: (job) => {
          sent.push(job);
          return Promise.resolve({ outcome: 'redispatched', revision: 9n, ticket: '' });
        },
        failDelivery: () => Promise.resolve('done'),
        look: () => Promise.resolve(undefined),
      },
      messages: {
        publish: (_queue, jobId) => {
          if (broker.isFull) return Promise.reject(full);
          held.add(jobId);
          return Promise.resolve();
        },
      },
      queued: {
        page: (after, limit) =>
          Promise.resolve(
            Array.from({ length: count }, (_, n) => ({
              ...{ jobId: nthJobId(n), queue: 'default', position: BigInt(n) },
            }))
              .filter(({ position }) => position > after)
              .slice(0, limit),
          ),
        sent: (jobIds) =>
          Promise.resolve(
            jobIds.map((jobId) => ({
              ...{ jobId, queue: 'default', position: 0n, attempt: 1, delivery: 1, revision: 1n },
              ...{ dueAt: 0, timeoutMs: 1, ownerId: 'ada', name: 'n', location: 'print:' },
            })),
          ),
      },
      stock: {
        state: () =>
          Promise.resolve({
            ...{ madeAt: broker.madeAt, messages: held.size, roomBytes: broker.roomBytes },
          }),
        subjects: (onSubject) => {
          broker.listed += 1;
          timers.advance(EACH_MS);
          for (const jobId of held) onSubject({ queue: 'default', jobId, messages: 1 });
          return Promise.resolve();
        },
        newest: (_queue, jobId) =>
          Promise.resolve(held.has(jobId) ? { sequence: 1, messageId: '' } : undefined),
        all: () => Promise.resolve([]),
        remove: () => Promise.resolve(true),
        refusalOf: (error) => (error === full ? { kind: 'full' } : undefined),
      },
      leftovers: { remove: () => Promise.resolve() },
    },
    rescuerDefaults,
  );
  /** So many rounds, one a second, while the database is looked at. */
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      const nowMs = timers.monotonicMs();
      seen.see({ databaseNow: START + nowMs, position: BigInt(count) }, nowMs);
      await round();
      timers.advance(1_000);
    }
  };
  return { held, broker, sent, counts, pass, round };
};

test('nothing is judged before the database has told its time', async () => {
  const { round, broker } = setUp(3);
  await round();
  expect(broker.listed).toBe(0);
});

test('jobs that wait in the broker cost a look at all of them now and then, the rarer the dearer, and a lost one is found', async () => {
  const { held, broker, sent, pass } = setUp(6_000); // more than a page
  await pass(40);
  expect(broker.listed).toBeGreaterThan(15);
  expect(broker.listed).toBeLessThan(25); // fifty times 40 ms are two seconds
  expect(sent).toEqual([]);
  held.delete(nthJobId(5_999));
  await pass(3);
  expect(sent.map(({ jobId }) => jobId)).toEqual([nthJobId(5_999)]);
});

test('a message may take its start time-out, and no longer', async () => {
  const { held, sent, pass } = setUp(3);
  held.clear();
  await pass(30);
  expect(sent).toEqual([]);
  await pass(2);
  expect(sent).toHaveLength(3);
});

test('once the stream is a new one, all is looked for after a second instead of thirty', async () => {
  const { held, broker, sent, pass } = setUp(3);
  await pass(5);
  held.clear();
  broker.madeAt = new Date(START).toISOString();
  await pass(2);
  expect(sent).toHaveLength(3);
});

test('a rescuer that starts beside a new stream takes nothing for granted', async () => {
  const { held, sent, pass } = setUp(3, new Date(START).toISOString());
  held.clear();
  await pass(3);
  expect(sent).toHaveLength(3);
});

test('a broker that refuses takes up one delivery of the first, and of nobody else', async () => {
  const { held, broker, sent, counts, pass } = setUp(2_000);
  held.clear();
  broker.isFull = true;
  await pass(300);
  expect(sent.length).toBeLessThanOrEqual(128); // as many as are under way at once
  broker.isFull = false;
  await pass(5);
  expect(held.size).toBe(2_000);
  expect(new Set(sent.map(({ jobId }) => jobId)).size).toBe(sent.length);
  expect(counts.of('fault:lost')).toBe(0);
});

test('what does not fit into the room of the broker waits, without a word in the log', async () => {
  const { held, broker, sent, pass } = setUp(2_000);
  held.clear();
  broker.roomBytes = 0;
  await pass(60);
  expect(sent).toEqual([]);
});
