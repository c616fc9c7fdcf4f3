import { setTimeout as sleep } from 'node:timers/promises';
import { httpClient } from './http-client';
import { inFlight } from './pace';
import { onRig, type Rig } from './rig';
import type { Row } from './row';
import { owners } from './stack';
import { rounded } from './statistics';
import { settle } from './warm-up';

/** What an outage of ten minutes leaves behind at 500 jobs a second. */
const MISSED = 300_000;
const BATCH = 500;
/** Whose jobs come due meanwhile; all others have missed some. */
const NEW = 15;
/** Less than his part of what goes out beside fifteen others, or he is late with them. */
const NEW_PER_SECOND = 20;
const AHEAD_MS = 3_000;
const LOOK_EVERY_MS = 2_000;
const AT_MOST_MS = 20 * 60_000;

/** Jobs that nobody dispatches, for the process that would stands still. */
const missJobs = async ({ scheduleBatch, urls }: Rig): Promise<void> => {
  const http = httpClient(urls.httpUrl, 4);
  await inFlight(4, MISSED / BATCH, (index) =>
    scheduleBatch(
      http,
      index % NEW,
      Array.from({ length: BATCH }, () => Date.now() + 1_000),
    ),
  );
  http.close();
};

const FINISHED = `
  select count(*) as n from jobs where owner_id <> $1 and status = 'succeeded' and due_at >= to_timestamp($2::float8 / 1000)`;

const NEW_JOBS = `
  select count(*) as jobs, count(*) filter (where started_at is null) as unstarted,
         percentile_disc(array[0.5, 0.99]) within group
           (order by extract(epoch from started_at - due_at) * 1000) as late
  from jobs where owner_id = $1 and due_at >= to_timestamp($2::float8 / 1000)
    and due_at < to_timestamp($3::float8 / 1000)`;

type NewJobsRow = {
  readonly jobs: string;
  readonly unstarted: string;
  readonly late: readonly (string | number)[] | null;
};

/** How long what an outage has left behind takes, and how late the jobs of others are that come due meanwhile. */
export const catchUp: Row = {
  name: 'catch-up',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const core = (await rig.stack.endpoints()).pids['core'];
      if (core === undefined) throw new Error('the stack tells no process core');
      const missedFrom = Date.now();
      process.kill(core, 'SIGSTOP');
      options.note(`${MISSED} jobs come due while projector and dispatcher stand still`);
      try {
        await missJobs(rig);
      } finally {
        process.kill(core, 'SIGCONT');
      }
      const startMs = performance.now();
      const newFrom = Date.now() + AHEAD_MS;
      let isOver = false;
      const newJobs = async (): Promise<void> => {
        const underWay: Promise<unknown>[] = [];
        for (let index = 0; !isOver; index++) {
          const dueAt = newFrom + (index * 1_000) / NEW_PER_SECOND;
          await sleep(Math.max(0, dueAt - AHEAD_MS - Date.now()));
          underWay.push(rig.schedule(NEW + index * owners.length, dueAt));
        }
        await Promise.all(underWay);
      };
      const coming = newJobs();
      let finished = 0;
      while (finished < MISSED && performance.now() - startMs < AT_MOST_MS) {
        await sleep(LOOK_EVERY_MS);
        const { rows } = await rig.database.query<{ n: string }>(FINISHED, [
          owners[NEW],
          missedFrom,
        ]);
        finished = Number(rows[0]?.n);
        options.note(`${finished} of ${MISSED} have run`);
      }
      const tookMs = performance.now() - startMs;
      const newUntil = Date.now();
      isOver = true;
      await coming;
      await sleep(AHEAD_MS);
      const { rows } = await rig.database.query<NewJobsRow>(NEW_JOBS, [
        owners[NEW],
        newFrom,
        newUntil,
      ]);
      const [p50, p99] = (rows[0]?.late ?? []).map(Number);
      return [
        {
          of: `${MISSED} missed jobs while ${NEW_PER_SECOND}/s of another owner come due`,
          values: {
            seconds: rounded(tookMs / 1_000),
            perSecond: rounded((finished * 1_000) / tookMs),
            leftBehind: MISSED - finished,
            newJobs: Number(rows[0]?.jobs),
            newUnstarted: Number(rows[0]?.unstarted),
            newP50Ms: rounded(p50 ?? Number.NaN),
            newP99Ms: rounded(p99 ?? Number.NaN),
          },
          target: [
            { of: 'leftBehind', atMost: 0 },
            { of: 'newUnstarted', atMost: 0 },
          ],
        },
      ];
    }),
};
