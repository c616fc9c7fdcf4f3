import type { Knex } from 'knex';
import type { JobFilter } from '../domain/job/filter';
import { jobCounts } from '../projections/queries/job-counts';
import { jobQueries } from '../projections/queries/jobs';
import { searchIndex } from '../projections/search/search-index';
import { childrenSeconds, withEndedChildren } from './cpu';
import { onOwnPostgres, type OwnPostgres } from './own-postgres';
import type { Measurement, Row } from './row';
import { percentiles, quantile, rounded } from './statistics';

const QUERIES = 100;
const WARM_UP = 3;
/** Fewer queries than that where each takes long. */
const MOST_MS = 10_000;
const PAGE = 50;
/** As the API counts. */
const COUNTED = 10_000;
const YEAR_MS = 365 * 86_400_000;
/** Half of the jobs are his; each of the others has a hundred in a million. */
const HEAVY = 'heavy';
const SMALL = 'owner-7';

/**
 * Jobs of a year around `now`; of a tag, a queue, a status and a name there are only a few. A fifth of the jobs, those
 * due first, are of another age: nothing at this end of the list has their words, tag and queue. One name in a hundred
 * is nobody else's.
 */
const fill = async (db: Knex, rows: number, now: number): Promise<void> => {
  await db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
                       abort_requested, status, owner_id, name, location, queue, tags, retry)
     select gen_random_uuid(), 4, n, to_timestamp(?::bigint / 1000.0) + (n - ?) * (interval '365 days' / ?), now(), 60000,
            0, 1, false,
            case when n > ? then 'scheduled' when n % 5000 = 0 then 'failed' when n % 50 = 0 then 'cancelled'
                 else 'succeeded' end,
            case n % 2 when 0 then '${HEAVY}' else 'owner-' || n % 10000 end,
            case when n % 250000 = 10 then 'find the needle' when n % 100 = 2 then 'invoice ' || 4200000 + n
                 when is_old then 'an old report ' || n % 300 when n % 100 = 4 then '每日报告 ' || n % 50
                 else 'send newsletter ' || n % 1000 end,
            'https://example.org/x',
            case when n % 250000 = 10 then 'rare' when is_old then 'old' else 'queue-' || n % 10 end,
            array['tag-' || n % 20, case when n % 250000 = 10 then 'rare' when is_old then 'old' else 'common' end],
            '{"maxAttempts":3}'
     from generate_series(0::bigint, ?::bigint - 1) n, lateral (select n < ? as is_old) as age`,
    [now, rows / 2, rows, rows / 2, rows, rows / 5],
  );
  await db.raw('vacuum analyze jobs');
};

/** What the index costs that lists are searched by. */
const index = async ({ db, pid }: OwnPostgres, rows: number): Promise<Measurement> => {
  const { step } = searchIndex(db);
  const used = async () => (await withEndedChildren(pid)) + (await childrenSeconds(pid));
  const before = await used();
  const startMs = performance.now();
  while ((await step()) === 'more');
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuSeconds = (await used()) - before;
  await db.raw('vacuum analyze search_jobs, search_names');
  await db.raw('checkpoint'); // or the first lists would wait for what was written before them
  const { rows: sizes } = await db.raw<{ rows: readonly { jobs: number; search: number }[] }>(
    `select pg_total_relation_size('jobs')::float8 as jobs,
            (pg_total_relation_size('search_jobs') + pg_total_relation_size('search_names'))::float8 as search`,
  );
  return {
    of: `index of searches, ${rows / 1e6} M jobs`,
    values: {
      seconds: rounded(seconds),
      jobsPerSecond: Math.round(rows / seconds),
      postgresCpuMsPer1000Jobs: rounded((cpuSeconds * 1e6) / rows),
      bytesPerJob: Math.round((sizes[0]?.search ?? 0) / rows),
      bytesPerJobInJobs: Math.round((sizes[0]?.jobs ?? 0) / rows),
    },
  };
};

const timed = async (work: () => Promise<unknown>) => {
  const durations: number[] = [];
  const giveUpAtMs = performance.now() + MOST_MS;
  for (let run = 0; run < QUERIES + WARM_UP; run++) {
    const startMs = performance.now();
    if (run > 2 * WARM_UP && startMs > giveUpAtMs) break;
    await work();
    if (run >= WARM_UP) durations.push(performance.now() - startMs);
  }
  const sorted = durations.toSorted((a, b) => a - b);
  return { ...percentiles(durations), p95Ms: rounded(quantile(sorted, 0.95)) };
};

const filtersAt = (now: number): Readonly<Record<string, JobFilter>> => ({
  'no filter': {},
  'a week': { from: now, to: now + 7 * 86_400_000 },
  'a common status': { status: ['succeeded'] },
  'a rare status': { status: ['failed'] },
  'a common tag': { tag: 'tag-3' },
  'a rare tag': { tag: 'rare' },
  'a tag of old jobs only': { tag: 'old' },
  'a tag that no job has': { tag: 'nothing of the kind' },
  'a common tag, a rare status': { tag: 'tag-0', status: ['failed'] },
  'a common tag, a status that none of them has': { tag: 'tag-4', status: ['cancelled'] },
  'a common queue': { queue: 'queue-3' },
  'a rare queue': { queue: 'rare' },
  'a queue of old jobs only': { queue: 'old' },
  'a tag and a queue that no job has both': { tag: 'tag-3', queue: 'queue-4' },
  'a common word': { q: 'newsletter' },
  'a rare word': { q: 'needle' },
  'a number': { q: '4242' },
  'a word of old jobs only': { q: 'report' },
  'a word that no job has': { q: 'nothing of the kind' },
  'a letter that no job has': { q: 'Q' },
  'a Chinese word': { q: '日报' },
  '200 characters': { q: 'newsletter '.repeat(20).slice(0, 200) },
  'a common word, a rare tag': { q: 'e', tag: 'rare' },
  'a deep page': { to: now - YEAR_MS / 4 },
});

/** What each list, filter and page costs among many jobs, for an operator, for one who has half of them, and for one who has few. */
export const lists: Row = {
  name: 'lists',
  measure: async (options) =>
    await onOwnPostgres(options, async (postgres) => {
      const { db } = postgres;
      const now = Date.now();
      options.note(`making ${options.rows} jobs`);
      await fill(db, options.rows, now);
      const { list } = jobQueries(db);
      const count = jobCounts(db);
      const target = [{ of: 'p95Ms', atMost: 300 }];
      const measurements: Measurement[] = [await index(postgres, options.rows)];
      for (const ownerId of [undefined, HEAVY, SMALL]) {
        const whose = ownerId ?? 'everybody';
        for (const [name, asked] of Object.entries(filtersAt(now))) {
          options.note(`${name} of ${whose}`);
          const filter = { ...asked, ...(ownerId !== undefined && { ownerId }) };
          measurements.push({
            of: `page of ${PAGE}, ${name}, ${whose}, ${options.rows / 1e6} M jobs`,
            values: await timed(() => list(filter, { limit: PAGE })),
            target,
          });
        }
        measurements.push({
          of: `counts by status, ${whose}, ${options.rows / 1e6} M jobs`,
          values: await timed(() => count({ ...(ownerId !== undefined && { ownerId }) }, COUNTED)),
          target,
        });
      }
      return measurements;
    }),
};
