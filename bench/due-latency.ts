import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../domain/time';
import { BENCH_QUEUE, dueConsumer, type DueConsumer } from './due-consumer';
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

/** Nobody claims these jobs: the rescuer must not look for their messages. */
const env = { RESCUE_PERIOD_MS: '3600000' };

const untilStored = async ({ storedAt }: DueConsumer, jobIds: readonly string[]): Promise<void> => {
  const giveUpAt = performance.now() + 20_000;
  while (jobIds.some((jobId) => !storedAt.has(jobId)) && performance.now() < giveUpAt)
    await sleep(50);
};

/** One run of jobs at a steady pace. @returns how late each message was stored, in ms, and how many never came */
const latenessOfRun = async (
  { schedule }: Rig,
  consumer: DueConsumer,
  jobs: number,
  dueAtOf: (index: number) => Instant,
) => {
  const dueAts = new Map<string, Instant>();
  await atPace(PER_SECOND, jobs, async (index) => {
    const dueAt = dueAtOf(index);
    const { jobId } = await schedule(index, dueAt, BENCH_QUEUE);
    dueAts.set(jobId, dueAt);
  });
  await untilStored(consumer, [...dueAts.keys()]);
  const lateness = [...dueAts].flatMap(([jobId, dueAt]) => {
    const storedAt = consumer.storedAt.get(jobId);
    return storedAt === undefined ? [] : [storedAt - dueAt];
  });
  return { lateness, missing: dueAts.size - lateness.length };
};

const measured = async (
  rig: Rig,
  dueAtsFrom: () => (index: number) => Instant,
): Promise<Pick<Measurement, 'values' | 'range' | 'runs' | 'cpuSecondsPer1000Jobs'>> => {
  const consumer = await dueConsumer(rig.urls.natsUrl);
  try {
    await latenessOfRun(rig, consumer, 600, dueAtsFrom());
    const runs = [];
    const stopCounting = await rig.cpu.start();
    for (let run = 0; run < RUNS; run++)
      runs.push(await latenessOfRun(rig, consumer, JOBS_A_RUN, dueAtsFrom()));
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
    await consumer.stop();
  }
};

/** From the due time to the message stored by JetStream, by JetStream's own clock. */
export const dueToStored: Row = {
  name: 'due-to-stored',
  measure: async (options) =>
    await onRig(
      options,
      async (rig) => {
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
      },
      { env },
    ),
};
