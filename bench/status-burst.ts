import type { EventLog, NewEvent } from '../domain/event-log';
import type { JobEvent } from '../domain/job/events';
import type { JobDefinition } from '../domain/job/definition';
import { jobStream } from '../domain/ids';
import { toTimestamp, type Instant } from '../domain/time';
import { uuids } from '../infra/ids';
import { latest } from './latest';
import { atPace, inFlight } from './pace';

export type BurstSize = {
  /** Status changes a second. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Jobs that are there before, and in the end are cancelled. */
  readonly moved: number;
};

/** Jobs of the owner after the burst, each with the status that it ends with. */
export type AfterBurst = {
  readonly cancelled: number;
  readonly succeeded: number;
  readonly scheduled: number;
};

export type DoneBurst = {
  readonly changes: number;
  readonly changesPerSecond: number;
  /** Of the last change in the log. */
  readonly position: bigint;
};

const HOUR_MS = 3_600_000;
/** Moves of one job in one append. */
const MOVES = 10;
/** Of so many appends one moves a job that is there, and one schedules a job that stays; others hold whole lives. */
const CYCLE = 4;
const CHANGES_OF_A_CYCLE = MOVES + 1 + 2 * 4;

const eventOf = ({ type, data }: JobEvent, ownerId: string, at: Instant): NewEvent => ({
  id: uuids.next(),
  type,
  data,
  metadata: {
    $correlationId: uuids.next(),
    $causationId: uuids.next(),
    commandId: uuids.next(),
    actor: { kind: 'user', id: ownerId },
    at: toTimestamp(at),
    schemaVersion: 1,
  },
});

const definitionOf = (ownerId: string, name: string): JobDefinition => ({
  ownerId,
  name,
  location: 'print:',
  queue: 'default',
  timeoutMs: 60_000,
  retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 60_000, factor: 2 },
  cutoffMs: 0,
  tags: ['burst'],
});

/** Scheduled, dispatched, started, succeeded. */
const wholeLife = (definition: JobDefinition, dueAt: Instant): readonly JobEvent[] => [
  { type: 'JobScheduled', data: { ...definition, dueAt: toTimestamp(dueAt) } },
  { type: 'JobDispatched', data: { attempt: 1, dueAt: toTimestamp(dueAt) } },
  { type: 'JobStarted', data: { attempt: 1, executorId: 'burst' } },
  { type: 'JobSucceeded', data: { attempt: 1 } },
];

type Moved = {
  readonly stream: string;
  dueAt: Instant;
  revision: bigint;
  /** The append before: those of one job go one after the other. */
  before: Promise<void>;
};

/** To and fro: a second later and back again. */
const movesOf = (job: Moved, times: number): readonly JobEvent[] =>
  Array.from({ length: times }, (_, n) => {
    const previousDueAt = toTimestamp(job.dueAt);
    job.dueAt += n % 2 === 0 ? 1_000 : -1_000;
    return {
      type: 'JobRescheduled',
      data: { dueAt: toTimestamp(job.dueAt), previousDueAt },
    };
  });

/**
 * Status changes of one owner's jobs, straight into the log: commands, dispatcher and executors take no part, so that
 * what is behind the log has more to do than they could make. First `begin`, then `run`, once each.
 */
export const statusBurst = (
  log: Pick<EventLog, 'append'>,
  ownerId: string,
  { perSecond, seconds, moved }: BurstSize,
) => {
  const last = latest();
  let changes = 0;
  const jobs: Moved[] = [];
  const append = async (
    stream: string,
    events: readonly JobEvent[],
    expected: bigint | 'no-stream',
  ): Promise<void> => {
    const now = Date.now();
    const appended = await log.append(
      stream,
      events.map((event) => eventOf(event, ownerId, now)),
      expected,
    );
    if (appended.outcome !== 'appended') throw new Error(`${stream} has another writer`);
    last.see(appended.position);
    changes += events.length;
  };
  const schedule = async (name: string, dueAt: Instant): Promise<string> => {
    const stream = jobStream(uuids.next());
    const data = { ...definitionOf(ownerId, name), dueAt: toTimestamp(dueAt) };
    await append(stream, [{ type: 'JobScheduled', data }], 'no-stream');
    return stream;
  };
  const change = (job: Moved, events: readonly JobEvent[]): Promise<void> => {
    const expected = job.revision;
    job.revision += BigInt(events.length);
    job.before = job.before.then(() => append(job.stream, events, expected));
    return job.before;
  };
  const step = async (index: number): Promise<void> => {
    const kind = index % CYCLE;
    const job = jobs[Math.floor(index / CYCLE) % jobs.length];
    if (kind === 0 && job) await change(job, movesOf(job, MOVES));
    else if (kind === 1)
      // later than all others: it belongs at the top of the list
      await schedule(
        `newcomer ${index} in the burst`,
        Date.now() + 1_000 * HOUR_MS + index * 1_000,
      );
    else {
      const events = wholeLife(definitionOf(ownerId, `life ${index} in the burst`), Date.now());
      await append(jobStream(uuids.next()), events, 'no-stream');
    }
  };
  const cycles = Math.round((perSecond * seconds) / CHANGES_OF_A_CYCLE);

  return {
    /** What the owner's jobs are after it, when they had none before. */
    after: {
      ...{ cancelled: moved, scheduled: cycles, succeeded: 2 * cycles },
    } satisfies AfterBurst,
    /** Schedules the jobs that are there before. @returns the position of the last one */
    begin: async (): Promise<bigint> => {
      await inFlight(16, moved, async (index) => {
        const dueAt = Date.now() + 500 * HOUR_MS + index * 1_000;
        const stream = await schedule(`moved ${index} in the burst`, dueAt);
        jobs.push({ stream, dueAt, revision: 0n, before: Promise.resolve() });
      });
      return last.get();
    },
    run: async (): Promise<DoneBurst> => {
      changes = 0;
      const startMs = performance.now();
      await atPace((perSecond * CYCLE) / CHANGES_OF_A_CYCLE, cycles * CYCLE, step);
      await inFlight(16, jobs.length, async (index) => {
        const job = jobs[index];
        if (job)
          await change(job, [{ type: 'JobCancelled', data: { dueAt: toTimestamp(job.dueAt) } }]);
      });
      const spanSeconds = (performance.now() - startMs) / 1_000;
      return {
        changes,
        changesPerSecond: Math.round(changes / spanSeconds),
        position: last.get(),
      };
    },
  };
};
