import type { Knex } from 'knex';
import {
  dueJobs,
  LANE,
  LANE_COUNT,
  type LaneSpan,
} from '../projections/queries/dispatching/due-jobs';
import { onOwnPostgres } from './own-postgres';
import type { Measurement, Row } from './row';
import { percentiles } from './statistics';

const PAGES = 300;
const PAGE = 1_000;
const WARM_UP = 10;
const HEAVY = 'heavy';

/** Rows that are due: of many owners, and half of them of one. */
const fill = async (db: Knex, rows: number, apartUs: number): Promise<void> => {
  await db.raw('truncate due_jobs');
  await db.raw(
    `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, owner_id, name,
                           location, queue, payload)
     select gen_random_uuid(), now() - interval '1 hour' + n * ? * interval '1 microsecond', n % 256, 0, n, 1,
            60000, case n % 2 when 0 then '${HEAVY}' else 'owner-' || n % 10000 end, 'send the newsletter',
            'https://example.org/x', 'default', '{"some":"payload","of":"usual size"}'
     from generate_series(1::bigint, ?::bigint) n`,
    [apartUs, rows],
  );
  await db.raw('vacuum analyze due_jobs');
};

/** Milliseconds of each page from the first row on, as the dispatcher reads them. */
const pages = async (db: Knex, spans: readonly LaneSpan[]) => {
  const due = dueJobs(db);
  const shards = [{ from: 0, to: 255 }];
  const limit = Math.ceil(PAGE / spans.length);
  let next = spans;
  const durations: number[] = [];
  for (let page = 0; page < PAGES + WARM_UP; page++) {
    const startMs = performance.now();
    const rows = await due.find({ spans: next, shards, limit });
    if (page >= WARM_UP) durations.push(performance.now() - startMs);
    next = next.map((span) => {
      const last = rows.findLast(({ lane }) => lane === span.lane);
      return last ? { ...span, after: { dueAt: last.dueAt, jobId: last.jobId } } : span;
    });
  }
  return percentiles(durations);
};

/** Milliseconds of each look for the rows of all others in the lane that one owner fills. */
const others = async (db: Knex, lane: number, dueUpTo: number) => {
  const due = dueJobs(db);
  const durations: number[] = [];
  for (let look = 0; look < 50; look++) {
    const startMs = performance.now();
    await due.findOthers({
      ...{ lane, dueUpTo, shards: [{ from: 0, to: 255 }], scanLimit: 10_000, limit: PAGE },
      passing: [{ queue: 'default', ownerId: HEAVY }],
    });
    durations.push(performance.now() - startMs);
  }
  return percentiles(durations);
};

/** What a page of due rows costs while very many are due: the same as with few. */
export const dueBacklog: Row = {
  name: 'due-backlog',
  measure: async (options) =>
    await onOwnPostgres(options, async ({ db }) => {
      const measurements: Measurement[] = [];
      const { rows: found } = await db.raw<{ rows: readonly { lane: number }[] }>(
        `select ${LANE}::integer as lane from (values ('default', '${HEAVY}')) as o (queue, owner_id)`,
      );
      const lane = found[0]?.lane ?? 0;
      for (const [shape, apartUs] of [
        ['spread over ten minutes', Math.ceil(600e6 / options.rows)],
        ['at one instant', 0],
      ] as const) {
        options.note(`making ${options.rows} rows that are due ${shape}`);
        await fill(db, options.rows, apartUs);
        const dueUpTo = Date.now() + 1_000;
        const of = `${options.rows / 1e6} M rows due ${shape}`;
        const all = Array.from({ length: LANE_COUNT }, (_, n) => ({ lane: n, dueUpTo }));
        const target = [{ of: 'p99Ms', atMost: 20 }];
        measurements.push(
          { of: `page of ${PAGE} of all lanes, ${of}`, values: await pages(db, all), target },
          {
            of: `page of ${PAGE} of one owner, ${of}`,
            values: await pages(db, [{ lane, dueUpTo }]),
            target,
          },
          {
            of: `others among 10,000 rows of one owner, ${of}`,
            values: await others(db, lane, dueUpTo),
          },
        );
      }
      return measurements;
    }),
};
