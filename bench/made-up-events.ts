import { Observable } from 'rxjs';
import type { RecordedEvent } from '../domain/event-log';
import { jobStream } from '../domain/ids';
import { toTimestamp } from '../domain/time';
import type { Feed } from '../projections/reading/feed';

const DAY_MS = 24 * 3_600_000;
const now = Date.now();

/** Ids as UUIDv7 has them: rising, with an evenly spread last byte. */
export const jobId = (n: number): string => {
  const hex = n.toString(16).padStart(8, '0');
  const last = ((n * 2_654_435_761) % 256).toString(16).padStart(2, '0');
  return `019ab000-0000-7000-8000-${hex}00${last}`;
};

const metadata = {
  $correlationId: jobId(1),
  $causationId: jobId(1),
  commandId: jobId(1),
  actor: { kind: 'user', id: 'ada' },
  at: toTimestamp(now),
  schemaVersion: 1,
};

/** An event of the job number `n`. */
export const event = (
  n: number,
  revision: number,
  position: number,
  type: string,
  data: object,
): RecordedEvent => ({
  id: jobId(n),
  stream: jobStream(jobId(n)),
  type,
  data,
  metadata,
  revision: BigInt(revision),
  position: BigInt(position),
});

const dueAtOf = (n: number): string => toTimestamp(now + 60_000 + ((n * 7_919) % 365) * DAY_MS);

/** A job that waits for some day of the year. */
export const scheduled = (n: number, position: number): RecordedEvent =>
  event(n, 0, position, 'JobScheduled', {
    ownerId: `owner-${n % 10_000}`,
    name: 'send the newsletter',
    location: 'https://example.org/jobs/newsletter',
    payload: { list: n, text: 'some words that make a payload of a usual size' },
    queue: 'default',
    timeoutMs: 60_000,
    retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 60_000, factor: 2 },
    cutoffMs: 0,
    tags: ['newsletter'],
    dueAt: dueAtOf(n),
  });

const step = (n: number, revision: number, position: number): RecordedEvent => {
  if (revision === 0) return scheduled(n, position);
  if (revision === 1)
    return event(n, 1, position, 'JobDispatched', { attempt: 1, dueAt: dueAtOf(n) });
  if (revision === 2) return event(n, 2, position, 'JobStarted', { attempt: 1, executorId: 'x1' });
  return event(n, 3, position, 'JobSucceeded', { attempt: 1 });
};

/** Scheduled, dispatched, started, succeeded: `width` jobs at a time go through it side by side. */
export const wholeLives = (jobs: number, width: number): readonly RecordedEvent[] => {
  const events: RecordedEvent[] = [];
  for (let start = 0; start < jobs; start += width)
    for (let revision = 0; revision < 4; revision++)
      for (let n = start; n < Math.min(jobs, start + width); n++)
        events.push(step(n, revision, events.length));
  return events;
};

/** An array as a feed that minds `pause`. */
export const feedOf = (events: readonly RecordedEvent[]): Feed => ({
  open: () => {
    let isPaused = false;
    let pump = (): void => undefined;
    return {
      items$: new Observable((subscriber) => {
        let next = 0;
        pump = () => {
          for (let sent = 0; sent < 256 && !isPaused && next < events.length; sent++, next++) {
            const item = events[next];
            if (item) subscriber.next({ kind: 'event', event: item });
          }
          if (!isPaused && next < events.length && !subscriber.closed) setImmediate(pump);
        };
        setImmediate(pump);
      }),
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
        setImmediate(pump);
      },
    };
  },
});
