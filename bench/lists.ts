import { setTimeout as sleep } from 'node:timers/promises';
import { knex, type Knex } from 'knex';
import { toTimestamp } from '../domain/time';
import { searchIndex } from '../projections/search/search-index';
import { childrenSeconds, withEndedChildren } from './cpu';
import { httpClient } from './http-client';
import { onRig, type Rig } from './rig';
import type { Measurement, Row, RowOptions } from './row';
import { keyOf } from './stack';
import { percentiles, quantile, rounded } from './statistics';

const REQUESTS = 100;
const WARM_UP = 3;
/** Fewer requests than that where each takes long. */
const MOST_MS = 10_000;
const PAGE = 50;
const YEAR_MS = 365 * 86_400_000;
/** Half of the jobs are his; each of the others has a hundred in a million. */
const HEAVY = 'heavy';
const SMALL = 'owner-7';
/** To whom the lists are told, each by a key: the first sees the jobs of everybody. */
const OPERATOR = 'everybody';
const apiKeys = [
  `${keyOf(OPERATOR)}:${OPERATOR}:operator`,
  ...[HEAVY, SMALL].map((owner) => `${keyOf(owner)}:${owner}:user`),
].join(',');

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

/** What the index costs that lists are searched by. The archivist is at it too, now and then. */
const index = async ({ urls }: Rig, db: Knex, rows: number): Promise<Measurement> => {
  const { step } = searchIndex(db);
  const pid = urls.pids['postgres'] ?? 0;
  const used = async () => (await withEndedChildren(pid)) + (await childrenSeconds(pid));
  await db.raw('update search_progress set generation = null'); // it knows nothing of what no event told of
  const before = await used();
  const startMs = performance.now();
  for (let done = await step(); done !== 'caught-up'; done = await step())
    if (done === 'elsewhere') await sleep(10);
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
  for (let run = 0; run < REQUESTS + WARM_UP; run++) {
    const startMs = performance.now();
    if (run > 2 * WARM_UP && startMs > giveUpAtMs) break;
    await work();
    if (run >= WARM_UP) durations.push(performance.now() - startMs);
  }
  const sorted = durations.toSorted((a, b) => a - b);
  return { ...percentiles(durations), p95Ms: rounded(quantile(sorted, 0.95)) };
};

const filtersAt = (now: number): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  'no filter': {},
  'a week': { from: toTimestamp(now), to: toTimestamp(now + 7 * 86_400_000) },
  'a common status': { status: 'succeeded' },
  'a rare status': { status: 'failed' },
  'a common tag': { tag: 'tag-3' },
  'a rare tag': { tag: 'rare' },
  'a tag of old jobs only': { tag: 'old' },
  'a tag that no job has': { tag: 'nothing of the kind' },
  'a common tag, a rare status': { tag: 'tag-0', status: 'failed' },
  'a common tag, a status that none of them has': { tag: 'tag-4', status: 'cancelled' },
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
  'a deep page': { to: toTimestamp(now - YEAR_MS / 4) },
});

const measureLists = async (
  { urls }: Rig,
  { rows, note }: RowOptions,
  now: number,
): Promise<readonly Measurement[]> => {
  const http = httpClient(urls.httpUrl, 1);
  const measurements: Measurement[] = [];
  const measure = async (of: string, whose: string, path: string): Promise<void> => {
    note(`${of} of ${whose}`);
    const values = await timed(async () => {
      const { status, text } = await http.send('GET', path, keyOf(whose));
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${text.slice(0, 200)}`);
    });
    const target = [{ of: 'p95Ms', atMost: 300 }];
    measurements.push({ of: `${of}, ${whose}, ${rows / 1e6} M jobs`, values, target });
  };
  for (const whose of [OPERATOR, HEAVY, SMALL]) {
    for (const [name, filter] of Object.entries(filtersAt(now))) {
      const query = new URLSearchParams({ ...filter, limit: String(PAGE) });
      await measure(`page of ${PAGE}, ${name}`, whose, `/v1/jobs?${query.toString()}`);
      if ('status' in filter) continue; // counts are by status
      const counted = new URLSearchParams(filter);
      await measure(`counts, ${name}`, whose, `/v1/jobs/counts?${counted.toString()}`);
    }
  }
  http.close();
  return measurements;
};

/**
 * How long the API takes to answer for each list, filter and page among many jobs: an operator, one who has half of
 * them, and one who has few.
 */
export const lists: Row = {
  name: 'lists',
  measure: async (options) =>
    await onRig(
      options,
      async (rig) => {
        const { note, rows } = options;
        const db = knex({
          client: 'pg',
          connection: rig.urls.postgresUrl,
          pool: { min: 0, max: 2 },
        });
        try {
          const now = Date.now();
          note(`making ${rows} jobs`);
          await fill(db, rows, now);
          const indexed = await index(rig, db, rows);
          return [indexed, ...(await measureLists(rig, options, now))];
        } finally {
          await db.destroy();
        }
      },
      { env: { API_KEYS: apiKeys } },
    ),
};
