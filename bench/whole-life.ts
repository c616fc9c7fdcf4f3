import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { httpClient } from './http-client';
import { latest } from './latest';
import { atPace } from './pace';
import { endingsOf, untilFinished } from './read-model';
import { onRig, type Rig } from './rig';
import type { Limit, Measurement, Row } from './row';
import { rounded } from './statistics';
import { settle } from './warm-up';

const BATCH = 100;
const CONNECTIONS = 8;
/** Scheduled this long ahead, each for its own millisecond. */
const AHEAD_MS = 3_000;
const FINISH_WITHIN_MS = 60_000;

export type Load = {
  readonly of: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly target?: readonly Limit[];
  readonly stretch?: readonly Limit[];
};

/** Events in the log, of all streams. */
const loggedEvents = async (postgresUrl: string): Promise<number> => {
  const url = new URL(postgresUrl);
  url.pathname = '/eventstore';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly count: string }>(
      'select count(*) from eventstore.events',
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
};

/** Schedules jobs over HTTP batches at a steady pace, and waits until all have ended. */
export const wholeLives = async (
  rig: Rig,
  { of, perSecond, seconds, ...limits }: Load,
): Promise<Measurement> => {
  const { cpu, database, scheduleBatch, urls } = rig;
  const http = httpClient(urls.httpUrl, CONNECTIONS);
  const batches = Math.round((perSecond * seconds) / BATCH);
  const jobs = batches * BATCH;
  const before = await loggedEvents(urls.postgresUrl);
  const stopCounting = await cpu.start();
  const answers: number[] = [];
  const last = latest();
  let accepted = 0;
  const startAt = Date.now() + AHEAD_MS;
  const dueAt = (index: number): number => startAt + Math.floor((index * 1_000) / perSecond);
  await atPace(perSecond / BATCH, batches, async (batch) => {
    const sentMs = performance.now();
    const dueAts = Array.from({ length: BATCH }, (_, n) => dueAt(batch * BATCH + n));
    const scheduled = await scheduleBatch(http, batch, dueAts);
    accepted += scheduled.length;
    for (const { position } of scheduled) last.see(position);
    answers.push(performance.now() - sentMs);
  });
  http.close();
  const endAt = dueAt(jobs);
  await sleep(Math.max(0, endAt - Date.now()));
  const leftBehind = await untilFinished(rig, last.get(), FINISH_WITHIN_MS);
  const use = await stopCounting(jobs);
  const endings = await endingsOf(database, startAt, Date.now());
  const logged = (await loggedEvents(urls.postgresUrl)) - before;
  const spanMs = endings.lastFinishedAt - startAt;
  return {
    of,
    values: {
      offeredPerSecond: perSecond,
      finishedPerSecond: rounded((endings.succeeded * 1_000) / spanMs),
      jobs,
      // a batch that is answered seconds late asks for due times that have passed
      refused: jobs - accepted,
      leftBehind: leftBehind + accepted - endings.succeeded,
      early: endings.early,
      startLateP50Ms: endings.startLateP50Ms,
      startLateP99Ms: endings.startLateP99Ms,
      startLateMaxMs: endings.startLateMaxMs,
      lastFinishedLateMs: Math.max(0, endings.lastFinishedAt - endAt),
      eventsPerJob: rounded(logged / accepted),
      batchAnswerMs: rounded(answers.reduce((sum, ms) => sum + ms, 0) / answers.length),
    },
    ...limits,
    ...use,
  };
};

const complete = (jobsPerSecond: number): readonly Limit[] => [
  // the last jobs end a little after their due time
  { of: 'finishedPerSecond', atLeast: Math.floor(jobsPerSecond * 0.99) },
  { of: 'refused', atMost: 0 },
  { of: 'leftBehind', atMost: 0 },
  { of: 'startLateP99Ms', atMost: 150 },
  { of: 'early', atMost: 0 },
];

const loads: readonly Load[] = [
  { of: '1,157/s for 60 s', perSecond: 1_157, seconds: 60, target: complete(1_157) },
  { of: '2,000/s for 15 s', perSecond: 2_000, seconds: 15, stretch: complete(2_000) },
];

/** From HTTP batches over dispatch, claim and report to the end of every job, by the reference executor. */
export const wholeLife: Row = {
  name: 'whole-life',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const measurements: Measurement[] = [];
      for (const load of loads) {
        options.note(`whole lives, ${load.of}`);
        measurements.push(await wholeLives(rig, load));
      }
      return measurements;
    }),
};
