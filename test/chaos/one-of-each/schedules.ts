import type { MemberName } from '../../support/cluster';
import { onlyOnOurs } from '../../support/given-event-store';
import type { HttpAnswer, HttpUser } from '../../support/http';
import { insist } from '../../support/insist';
import { breachesOf, readJobStreams, readScheduleStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { linesOf } from '../../support/run-verb';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { checkSchedule, jobBreaches } from '../../support/schedule-checker';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it kills the event store');

// what recurs each second, while those are killed with -9 on whom it depends; some of it paused, resumed and deleted

const victims: readonly MemberName[] = isLong
  ? ['planner', 'eventstore', 'projector', 'postgres', 'planner', 'eventstore', 'postgres']
  : ['planner', 'eventstore'];
const SECOND = 1_000;
/** How long a victim is away. */
const AWAY_MS = isLong ? 5_000 : 1_500;
/** Of runs that are longer than the step of their schedule. */
const SLOW_MS = 3_000;
const UNFINISHED = ['scheduled', 'queued', 'running'];

let quick: RunLedger;
let slow: RunLedger;
beforeAll(async () => {
  quick = await startRunLedger(20);
  slow = await startRunLedger(SLOW_MS);
});
afterAll(async () => {
  await quick.close();
  await slow.close();
});

type Schedule = {
  readonly scheduleId: string;
  readonly owner: HttpUser;
  readonly stepMs: number;
};

/** @throws Error for a refusal */
const accepted = ({ status, body }: HttpAnswer): { readonly scheduleId: string } => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body as { readonly scheduleId: string }; // an answer that is no refusal is a schedule
};

const create = async (
  [name, owner, stepS]: readonly [string, HttpUser, number],
  more: object = {},
  ledger = quick,
): Promise<Schedule> => {
  const body = {
    name,
    timing: { cron: stepS === 1 ? '* * * * * *' : `*/${stepS} * * * * *` },
    timeZone: 'Europe/Berlin',
    // one attempt: what runs a second time is a mistake
    job: { location: ledger.location, timeoutMs: 60_000, retry: { maxAttempts: 1 } },
    ...more,
  };
  const { scheduleId } = accepted(await owner.post('/v1/schedules', body));
  return { scheduleId, owner, stepMs: stepS * SECOND };
};

/** @returns when it was answered */
const ask = async (
  { scheduleId, owner }: Schedule,
  verb: 'pause' | 'resume' | 'delete',
): Promise<number> => {
  const path = `/v1/schedules/${scheduleId}`;
  accepted(
    await insist(() =>
      verb === 'delete' ? owner.remove(path) : owner.post(`${path}/${verb}`, { note: 'chaos' }),
    ),
  );
  return Date.now();
};

const hasOpenJobs = async ({ scheduleId, owner }: Schedule): Promise<boolean> => {
  const query = `scheduleId=${scheduleId}&status=${UNFINISHED.join(',')}&limit=1`;
  const { status, body } = await owner.get(`/v1/jobs?${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body.items ?? []).length > 0;
};

test('every instant of each rule is planned or skipped once, no occurrence runs twice, and none that was taken back', async () => {
  const [ada, bob] = [userOf('ada'), userOf('bob')];
  const all = await create(['all of them', ada, 1], {
    whenMissed: { policy: 'fire-all', limit: 100 },
  });
  const skipping = await create(['slow ones', ada, 2], { whenStillRunning: 'skip' }, slow);
  const resting = await create(['rests', bob, 2]);
  const going = await create(['goes', bob, 1]);
  const schedules = [all, skipping, resting, going];
  /** When the answers came to what takes runs back. */
  const takenBack = new Map<Schedule, number[]>();
  const takeBack = async (schedule: Schedule, verb: 'pause' | 'delete'): Promise<void> => {
    const answeredAt = await ask(schedule, verb);
    takenBack.set(schedule, [...(takenBack.get(schedule) ?? []), answeredAt]);
  };
  const runs = (): number => quick.runs().length;
  const goOn = async (what: string): Promise<void> => {
    const [quickBefore, slowBefore] = [runs(), slow.runs().length];
    await until(() => runs() > quickBefore + 1 && slow.runs().length > slowBefore, {
      what: `runs go on after ${what}`,
    });
  };

  await goOn('the start');
  for (const [index, victim] of victims.entries()) {
    const awayUntil = Date.now() + AWAY_MS;
    await cluster().kill(victim);
    const asked = [
      ...(index === 0 ? [takeBack(resting, 'pause')] : []),
      ...(index === 1 ? [ask(resting, 'resume'), takeBack(going, 'delete')] : []),
    ];
    await until(() => Date.now() > awayUntil);
    await cluster().start(victim);
    await Promise.all(asked);
    await goOn(`${victim} was killed`);
  }
  for (const schedule of [all, skipping, resting]) await takeBack(schedule, 'delete');
  for (const schedule of schedules)
    await until(async () => !(await hasOpenJobs(schedule)), {
      what: 'all jobs have ended',
    });

  const streams = await readScheduleStreams(cluster().eventstoreUrl);
  const jobs = await readJobStreams(cluster().eventstoreUrl);
  for (const schedule of schedules) {
    const { scheduleId, stepMs } = schedule;
    const { breaches, planned } = checkSchedule(streams.get(scheduleId) ?? [], stepMs);
    expect(breaches).toEqual([]);
    expect(jobBreaches(scheduleId, planned, jobs)).toEqual([]);
    for (const { jobId, withdrawnAt } of planned) {
      const events = jobs.get(jobId) ?? [];
      expect(breachesOf(jobId, events)).toEqual([]);
      const started = events.find(({ type }) => type === 'JobStarted');
      const last = events.at(-1);
      if (last?.type === 'JobCancelled' && withdrawnAt === undefined) {
        // due by then, but not started: taken back with what was still to come
        expect(last.data['reason']).toMatch(/^its schedule was (paused|deleted)$/);
        expect(started).toBeUndefined();
      } else if (withdrawnAt === undefined) {
        // what comes back too late for the policy expires
        expect(['JobSucceeded', 'JobExpired']).toContain(last?.type);
        if (schedule === all) expect(started).toBeDefined();
      } else if (started) {
        const answeredAt = (takenBack.get(schedule) ?? []).find((at) => at >= withdrawnAt);
        expect(started.at).toBeLessThanOrEqual(answeredAt ?? 0);
      }
    }
  }
  const calls = [...quick.runs(), ...slow.runs()].map((run) => run.split('/')[0]);
  expect(new Set(calls).size).toBe(calls.length);

  const verified = await runVerb([
    ...['audit', 'verify', '--json', '--owners', '0'],
    ...['--eventstore', cluster().eventstoreUrl, '--postgres', cluster().postgresUrl],
    ...['--nats', cluster().natsUrl],
  ]);
  const violations = linesOf(verified.output).filter(({ kind }) => kind === 'violation');
  expect({ code: verified.code, violations }).toEqual({ code: 0, violations: [] });
}, 400_000);
