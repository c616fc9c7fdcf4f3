import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../domain/time';
import { dueWatcher, type DueWatcher } from './due-watcher';
import { atPace } from './pace';
import { onRig, type Rig } from './rig';
import type { Measurement, Row } from './row';
import { ofRuns, percentiles, rounded } from './statistics';
import { warmUp } from './warm-up';

const PER_SECOND = 200;
const JOBS_A_RUN = 2_000;
const RUNS = 3;
/** Scheduled this long ahead, so that a job is known for more than a second when it is due. */
const AHEAD_MS = 3_000;

const QUEUE = 'default';

const untilSent = async ({ sentAt }: DueWatcher, jobIds: readonly string[]): Promise<void> => {
  const giveUpAt = performance.now() + 20_000;
  while (jobIds.some((jobId) => !sentAt.has(jobId)) && performance.now() < giveUpAt)
    await sleep(50);
};

/** One run of jobs at a steady pace. @returns how late each message was sent, in ms, and how many never were */
const latenessOfRun = async (
  { schedule }: Rig,
  watcher: DueWatcher,
  jobs: number,
  dueAtOf: (index: number) => Instant,
) => {
  const dueAts = new Map<string, Instant>();
  await atPace(PER_SECOND, jobs, async (index) => {
    const dueAt = dueAtOf(index);
    const { jobId } = await schedule(index, dueAt, QUEUE);
    dueAts.set(jobId, dueAt);
  });
  await untilSent(watcher, [...dueAts.keys()]);
  const lateness = [...dueAts].flatMap(([jobId, dueAt]) => {
    const sentAt = watcher.sentAt.get(jobId);
    return sentAt === undefined ? [] : [sentAt - dueAt];
  });
  return { lateness, missing: dueAts.size - lateness.length };
};

const measured = async (
  rig: Rig,
  dueAtsFrom: () => (index: number) => Instant,
): Promise<Pick<Measurement, 'values' | 'range' | 'runs' | 'cpuSecondsPer1000Jobs'>> => {
  const watcher = await dueWatcher(rig.urls.natsUrl, QUEUE);
  try {
    await latenessOfRun(rig, watcher, 600, dueAtsFrom());
    const runs = [];
    const stopCounting = await rig.cpu.start();
    for (let run = 0; run < RUNS; run++)
      runs.push(await latenessOfRun(rig, watcher, JOBS_A_RUN, dueAtsFrom()));
    const cpu = await stopCounting(RUNS * JOBS_A_RUN);
    const all = runs.flatMap(({ lateness }) => lateness);
    const medians = ofRuns(runs.map(({ lateness }) => percentiles(lateness)));
    return {
      ...medians,
      values: {
        ...medians.values,
        earliestMs: rounded(Math.min(...all)),
        early: all.filter((late) => late < 0).length,
        missing: runs.reduce((sum, { missing }) => sum + missing, 0),
        jobs: all.length,
      },
      ...cpu,
    };
  } finally {
    await watcher.stop();
  }
};

/** From the due time to the message that the broker stores, while executors run the jobs. */
export const dueToSent: Row = {
  name: 'due-to-sent',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await warmUp(rig);
      options.note(`${RUNS} x ${JOBS_A_RUN} jobs, ${PER_SECOND}/s, known before they are due`);
      const known = await measured(rig, () => {
        const startAt = Date.now() + AHEAD_MS;
        return (index) => startAt + Math.round((index * 1_000) / PER_SECOND);
      });
      options.note('the same for jobs due now');
      const now = await measured(rig, () => () => Date.now());
      return [
        {
          of: 'known 3 s before, 200/s',
          ...known,
          target: [
            { of: 'p50Ms', atMost: 5 },
            { of: 'p99Ms', atMost: 25 },
            { of: 'early', atMost: 0 },
          ],
          stretch: [{ of: 'p99Ms', atMost: 10 }],
        },
        {
          of: 'due now, 200/s',
          ...now,
          target: [
            { of: 'p50Ms', atMost: 20 },
            { of: 'p99Ms', atMost: 60 },
            { of: 'early', atMost: 0 },
          ],
          stretch: [
            { of: 'p50Ms', atMost: 10 },
            { of: 'p99Ms', atMost: 30 },
          ],
        },
      ];
    }),
};
