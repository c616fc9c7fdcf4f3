import type { Knex } from 'knex';
import { forecastSpanMs, type ForecastWindow } from '../domain/forecast';
import { toTimestamp } from '../domain/time';
import { writeSessions } from '../infra/postgres/write-session';
import { announceProjected } from '../projections/writing/projected';
import { projectionWriter } from '../projections/writing/projection-writer';
import { findCrowdedMinutes } from '../projections/queries/crowded-minutes';
import { dueJobs, LANE_COUNT } from '../projections/queries/dispatching/due-jobs';
import { forecast } from '../projections/queries/forecast';
import { jobQueries } from '../projections/queries/jobs';
import { readModel } from '../projections/projections';
import { event, jobId } from './made-up-events';
import { onOwnPostgres, type OwnPostgres } from './own-postgres';
import type { Limit, Measurement, Row } from './row';
import { percentiles } from './statistics';

const QUERIES = 300;
const FORECASTS = 20;
const CHANGES = 60;
const CHANGED_AT_ONCE = 100;
const WARM_UP = 10;

const dueTarget: readonly Limit[] = [
  { of: 'p50Ms', atMost: 2 },
  { of: 'p99Ms', atMost: 10 },
];

const inMillions = (rows: number): string => `${rows / 1e6} M rows`;

/** Jobs that wait, spread evenly over the year from `now` on. */
const fill = async (db: Knex, rows: number, now: number): Promise<void> => {
  await db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
                       abort_requested, status, owner_id, name, location, queue, tags, retry, payload)
     select ('019ab000-0000-7000-8000-' || lpad(to_hex(n), 8, '0') || '00'
              || lpad(to_hex((n * 2654435761) % 256), 2, '0'))::uuid,
            0, n, to_timestamp(?::bigint / 1000) + n * (interval '365 days' / ?), now(), 60000, 0, 1, false,
            'scheduled', 'owner-' || n % 10000, 'send the newsletter', 'https://example.org/x',
            'default', '{newsletter}', '{"maxAttempts":3}', '{"some":"payload","of":"usual size"}'
     from generate_series(0::bigint, ?::bigint - 1) n`,
    [now, rows, rows],
  );
  await db.raw(
    `insert into due_jobs select job_id, due_at, get_byte(uuid_send(job_id), 15), revision, position, attempt,
            timeout_ms, max_lateness_ms, owner_id, name, location, queue, payload from jobs`,
  );
  await db.raw('update checkpoint set position = ?', [rows]);
  await db.raw('vacuum analyze jobs');
  await db.raw('vacuum analyze due_jobs');
};

const timed = async (work: (run: number) => Promise<unknown>, queries = QUERIES) => {
  const durations: number[] = [];
  for (let run = 0; run < queries + WARM_UP; run++) {
    const startMs = performance.now();
    await work(run);
    if (run >= WARM_UP) durations.push(performance.now() - startMs);
  }
  return percentiles(durations);
};

/** What the dispatcher asks four times a second, for all shards and for a sixteenth of them. */
const dueQueries = async (db: Knex, rows: number, now: number): Promise<readonly Measurement[]> => {
  const due = dueJobs(db);
  const find = (from: number, to: number) => (run: number) =>
    due.find({
      spans: Array.from({ length: LANE_COUNT }, (_, lane) => ({
        lane,
        dueUpTo: now + 1_000 + run,
      })),
      shards: [{ from, to }],
      limit: Math.ceil(1_000 / LANE_COUNT),
    });
  return [
    {
      of: `due query, all slots, ${inMillions(rows)}`,
      values: await timed(find(0, 255)),
      target: dueTarget,
    },
    {
      of: `due query, 16 slots, ${inMillions(rows)}`,
      values: await timed(find(16, 31)),
      target: dueTarget,
    },
  ];
};

const listQueries = async (db: Knex, rows: number): Promise<readonly Measurement[]> => {
  const jobs = jobQueries(db);
  const page = { limit: 50 };
  const queries = {
    'list of an owner': (run: number) => jobs.list({ ownerId: `owner-${run}` }, page),
    'search of an owner': (run: number) =>
      jobs.list({ ownerId: `owner-${run}`, q: 'nothing_' }, page),
    'list of an operator': () => jobs.list({}, page),
    'count pending': (run: number) => jobs.countPending(`owner-${run}`, 1_000),
  };
  const measurements: Measurement[] = [];
  for (const [of, query] of Object.entries(queries))
    measurements.push({ of: `${of}, ${inMillions(rows)}`, values: await timed(query) });
  return measurements;
};

/** What an operator asks, and the look for crowded minutes that each API takes once a minute. */
const forecasts = async (db: Knex, rows: number, now: number): Promise<readonly Measurement[]> => {
  const count = forecast(db);
  const crowded = findCrowdedMinutes(db);
  const windows: readonly ForecastWindow[] = [
    { step: 'minute', from: now, to: now + forecastSpanMs.minute },
    { step: 'hour', from: now, to: now + forecastSpanMs.hour },
    { step: 'day', from: now, to: now + forecastSpanMs.day },
  ];
  const queries = {
    ...Object.fromEntries(
      windows.map((window) => [
        `forecast by ${window.step}, the longest window`,
        () => count({ ...window, limit: 10_000 }),
      ]),
    ),
    'forecast by day, one owner': (run: number) =>
      count({
        step: 'day',
        from: now,
        to: now + forecastSpanMs.day,
        ownerId: `owner-${run}`,
        limit: 10_000,
      }),
    'look for crowded minutes': () => crowded(now, 5_000),
  };
  const measurements: Measurement[] = [];
  for (const [of, query] of Object.entries(queries))
    measurements.push({ of: `${of}, ${inMillions(rows)}`, values: await timed(query, FORECASTS) });
  return measurements;
};

type Picked = { readonly n: number; readonly dueAt: string };

/** Jobs from all over the year. */
const pick = async (db: Knex, rows: number, run: number): Promise<readonly Picked[]> => {
  const stride = Math.floor(rows / (CHANGES * CHANGED_AT_ONCE));
  const ids = Array.from({ length: CHANGED_AT_ONCE }, (_, n) =>
    jobId((run + n * CHANGES) * stride),
  );
  const found = await db('jobs').whereIn('job_id', ids).select('job_id', 'due_at');
  return (found as { job_id: string; due_at: Date }[]).map(({ job_id, due_at }) => ({
    n: Number.parseInt(job_id.slice(24, 32), 16),
    dueAt: due_at.toISOString(),
  }));
};

/** Batches that touch all partitions at once. */
const spreadChanges = async (
  { db, url }: OwnPostgres,
  rows: number,
): Promise<readonly Measurement[]> => {
  const session = await writeSessions(url)();
  const writer = await projectionWriter(session, readModel, announceProjected);
  const durations = { reschedule: [] as number[], cancel: [] as number[] };
  let position = rows;
  const changed = (what: keyof typeof durations, { n, dueAt }: Picked) => {
    position += 1;
    if (what === 'cancel') return event(n, 1, position, 'JobCancelled', { dueAt });
    const later = toTimestamp(Date.parse(dueAt) + 90_000);
    return event(n, 1, position, 'JobRescheduled', { previousDueAt: dueAt, dueAt: later });
  };
  for (let run = 0; run < CHANGES; run++) {
    const what = run % 2 === 0 ? 'reschedule' : 'cancel';
    const events = (await pick(db, rows, run)).map((picked) => changed(what, picked));
    const startMs = performance.now();
    await writer.apply(events, BigInt(position));
    if (run >= WARM_UP) durations[what].push(performance.now() - startMs);
  }
  await session.close();
  return Object.entries(durations).map(([what, its]) => ({
    of: `${what} ${CHANGED_AT_ONCE} jobs across the year, ${inMillions(rows)}`,
    values: percentiles(its),
    target: [{ of: 'p50Ms', atMost: 20 }],
  }));
};

/** Queries and changes while many jobs wait, in a Postgres of its own. */
export const waitingRows: Row = {
  name: 'waiting-rows',
  measure: async (options) =>
    await onOwnPostgres(options, async (postgres) => {
      const { rows, note } = options;
      const now = Date.now();
      note(`making ${inMillions(rows)}`);
      await fill(postgres.db, rows, now);
      note('querying and changing them');
      return [
        ...(await dueQueries(postgres.db, rows, now)),
        ...(await listQueries(postgres.db, rows)),
        ...(await forecasts(postgres.db, rows, now)),
        ...(await spreadChanges(postgres, rows)),
      ];
    }),
};
