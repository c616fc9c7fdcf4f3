import type { Knex } from 'knex';
import type { Instant } from '../domain/time';
import { startServer, type EventStoreProcess } from './eventstore-server';
import { onOwnPostgres, type OwnPostgres } from './own-postgres';
import type { RowOptions } from './row';

const SCHEMA = 'filled';
const EVENTS_PER_JOB = 4;
/** Jobs that go through their lives side by side. */
const WIDTH = 250;
const SPACING_MS = 2;
/** From the scheduling of a job to its due time, its dispatch, start and success, and to the first job of the next group. */
const DUE_MS = 60_000;
const DISPATCHED_MS = DUE_MS + 5;
const STARTED_MS = DUE_MS + 505;
const SUCCEEDED_MS = DUE_MS + 1_005;
const GROUP_MS = DUE_MS + 2_000;
/** Jobs to one insert. */
const AT_ONCE = 50_000;

/** Jobs that are scheduled last and due in a day. */
const WAITING_JOBS = 100;
const JOBS_PER_OWNER = 10_000;

export type FilledLog = {
  /** With the product's settings and an empty read model. */
  readonly postgres: OwnPostgres;
  /** The event store that serves the log, a process of its own. */
  readonly server: EventStoreProcess;
  /** Jobs that were scheduled, dispatched, started and succeeded; `bench/made-up-events` has their ids, from 0. */
  readonly jobs: number;
  readonly events: number;
  /** When the first event was recorded, and the last. */
  readonly startAt: Instant;
  readonly endAt: Instant;
};

const timestamp = (ms: string): string =>
  `to_char(to_timestamp((${ms}) / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Inserts the life of each job `n` from `first` to `last`, with the events that `revisions` counts. */
const insertText = (revisions: string, sequence: string, dueAfterMs: string): string => `
  insert into ${SCHEMA}.events
    (sequence, revision, created_ms, event_id, is_json, stream, type, data, metadata)
  select ${sequence}, r, at, gen_random_uuid(), true, 'job-' || job_id,
    (array['JobScheduled', 'JobDispatched', 'JobStarted', 'JobSucceeded'])[r + 1],
    convert_to(case r
      when 0 then '{"ownerId":"' || owner || '","name":"send the newsletter",'
        || '"location":"https://example.org/jobs/newsletter",'
        || '"payload":{"list":' || n || ',"text":"some words that make a payload of a usual size"},'
        || '"queue":"default","timeoutMs":60000,'
        || '"retry":{"maxAttempts":3,"initialDelayMs":1000,"maxDelayMs":60000,"factor":2},'
        || '"cutoffMs":0,"tags":["newsletter"],"dueAt":"' || due_at || '"}'
      when 1 then '{"attempt":1,"dueAt":"' || due_at || '"}'
      when 2 then '{"attempt":1,"executorId":"reference-1"}'
      else '{"attempt":1,"result":{"printed":"a line"}}' end, 'UTF8'),
    convert_to('{"$correlationId":"' || job_id || '","$causationId":"'
      || case r when 0 then job_id else 'job-' || job_id || '@' || r - 1 end
      || '","commandId":"' || gen_random_uuid() || '","actor":{"kind":"'
      || case r when 0 then 'user","id":"' || owner when 1 then 'system","id":"dispatcher'
           else 'executor","id":"reference-1' end
      || '"},"at":"' || ${timestamp('at')} || '","schemaVersion":1}', 'UTF8')
  from (
    select n, r,
      scheduled_ms + ((array[0, ${DISPATCHED_MS}, ${STARTED_MS}, ${SUCCEEDED_MS}])[r + 1] * :pace::float8)::bigint as at,
      ${timestamp(`scheduled_ms + ${dueAfterMs}`)} as due_at, 'owner-' || n % :owners as owner,
      '019ab000-0000-7000-8000-' || lpad(to_hex(n), 8, '0') || '00'
        || lpad(to_hex((n * 2654435761) % 256), 2, '0') as job_id
    from (
      select n, :startAt::bigint
        + ((n / ${WIDTH} * ${GROUP_MS} + n % ${WIDTH} * ${SPACING_MS}) * :pace::float8)::bigint as scheduled_ms
      from generate_series(:first::bigint, :last::bigint) n
    ) as scheduled, ${revisions} r
  ) as steps`;

const livesText = insertText(
  `generate_series(0, ${EVENTS_PER_JOB - 1})`,
  `n / ${WIDTH} * ${WIDTH * EVENTS_PER_JOB} + r * ${WIDTH} + n % ${WIDTH} + 1`,
  `(${DUE_MS} * :pace::float8)`,
);

const waitingText = insertText(
  'generate_series(0, 0)',
  `n + 1 + :first::bigint * ${EVENTS_PER_JOB - 1}`,
  '86400000',
);

const fill = async (db: Knex, jobs: number, startAt: Instant, pace: number): Promise<void> => {
  const owners = Math.max(1, Math.floor(jobs / JOBS_PER_OWNER));
  for (let first = 0; first < jobs; first += AT_ONCE) {
    const last = Math.min(jobs, first + AT_ONCE) - 1;
    await db.raw(livesText, { first, last, owners, startAt, pace });
  }
  await db.raw(waitingText, {
    ...{ first: jobs, last: jobs + WAITING_JOBS - 1 },
    ...{ owners, startAt, pace },
  });
  await db.raw(`vacuum analyze ${SCHEMA}.events`);
};

/**
 * Runs `work` against an event store whose log holds the whole lives of `jobs` jobs, four events each, and
 * after them the jobs that wait; takes all of it down again. The events have some 390 bytes of data and metadata; a
 * million of them take half a minute to make.
 *
 * @param pace        the times between events as a part of what they are: 0.0035 makes 1,150 jobs a second; 1 unless told
 * @param endedAgoMs  how long ago its last event was recorded; the waiting jobs are due a day after that
 * @throws RangeError  for a number of jobs that is no multiple of 250
 */
export const onFilledLog = async <T>(
  options: RowOptions,
  {
    jobs,
    endedAgoMs = 0,
    pace = 1,
  }: { readonly jobs: number; readonly endedAgoMs?: number; readonly pace?: number },
  work: (log: FilledLog) => Promise<T>,
): Promise<T> => {
  if (jobs % WIDTH !== 0) throw new RangeError(`${jobs} jobs are no multiple of ${WIDTH}`);
  return await onOwnPostgres(options, async (postgres) => {
    const events = jobs * EVENTS_PER_JOB + WAITING_JOBS;
    options.note(`filling the log with ${events} events`);
    const first = await startServer(postgres.url, SCHEMA); // creates the schema
    await first.stop();
    const groups = jobs / WIDTH;
    const lastsMs = Math.ceil((groups * GROUP_MS + (WAITING_JOBS - 1) * SPACING_MS) * pace);
    const startAt = Date.now() - endedAgoMs - lastsMs - GROUP_MS;
    await fill(postgres.db, jobs, startAt, pace);
    const endAt = startAt + lastsMs;
    const server = await startServer(postgres.url, SCHEMA);
    try {
      return await work({ postgres, server, jobs, events, startAt, endAt });
    } finally {
      await server.stop();
    }
  });
};
