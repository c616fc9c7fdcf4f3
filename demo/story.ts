import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Job } from './client';

/** What a job is there to show, and how it must end. */
type Cast = {
  readonly name: string;
  readonly user: string;
  readonly dueInMs: number;
  readonly expected: string;
  readonly more?: object;
};

const ordinary: readonly Cast[] = Array.from({ length: 14 }, (_, index) => ({
  name: `pay invoice ${index + 1}`,
  user: ['ada', 'bob', 'cyd'][index % 3] ?? 'ada',
  dueInMs: 4_000 + index * 1_000,
  expected: 'succeeded',
}));

const special = {
  later: { name: 'moved later', user: 'ada', dueInMs: 5_000, expected: 'succeeded' },
  earlier: { name: 'moved earlier', user: 'bob', dueInMs: 60_000, expected: 'succeeded' },
  cancelled: { name: 'cancelled in time', user: 'cyd', dueInMs: 9_000, expected: 'cancelled' },
  tooLate: {
    name: 'cancelled too late',
    user: 'ada',
    dueInMs: 3_000,
    expected: 'succeeded',
    more: { payload: { sleepMs: 4_000 } },
  },
  flaky: {
    name: 'fails twice, then succeeds',
    user: 'bob',
    dueInMs: 4_000,
    expected: 'succeeded',
    more: { payload: { failTimes: 2 }, retry: { maxAttempts: 3, initialDelayMs: 500 } },
  },
  doomed: {
    name: 'ends as a dead letter',
    user: 'cyd',
    dueInMs: 4_000,
    expected: 'failed',
    more: { payload: { failTimes: 99 }, retry: { maxAttempts: 2, initialDelayMs: 500 } },
  },
} as const satisfies Record<string, Cast>;

export type Ending = { readonly job: Job; readonly expected: string };

export type Stage = {
  readonly as: (user: string) => Client;
  readonly operator: Client;
  readonly say: (line: string) => void;
  /** kill -9 of the process that holds the dispatcher. */
  readonly killDispatcher: () => Promise<number>;
};

/** Of these jobs, to tell them from the runs of the schedule. */
const TAG = 'main-job';
const FINISHED = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted'];
const endWithinMs = 90_000;

/** Plays the main job with 20 jobs of three users; answers how each ended, and the deviations from what was expected. */
export const play = async ({ as, operator, say, killDispatcher }: Stage) => {
  const deviations: string[] = [];
  const expectStatus = (what: string, status: number, expected: number): void => {
    if (status !== expected) deviations.push(`${what}: HTTP ${status} instead of ${expected}`);
  };
  const startedAt = Date.now();
  const dueAt = (ms: number): string => new Date(startedAt + ms).toISOString();

  const schedule = async ({ name, user, dueInMs, more }: Cast): Promise<string> => {
    const { status, body } = await as(user).post('/v1/jobs', {
      name,
      dueAt: dueAt(dueInMs),
      location: 'print:',
      tags: [TAG],
      ...more,
    });
    expectStatus(`schedule "${name}"`, status, 201);
    return body.jobId;
  };

  const cast = [...ordinary, ...Object.values(special)];
  const ids = new Map<string, string>();
  for (const role of cast) ids.set(role.name, await schedule(role));
  const idOf = ({ name }: Cast): string => ids.get(name) ?? '';
  say(`20 jobs of ada, bob and cyd are scheduled, due within seconds.`);

  const change = async (role: Cast, verb: string, body: object, expected: number) => {
    const answer = await as(role.user).post(`/v1/jobs/${idOf(role)}/${verb}`, body);
    expectStatus(`${verb} "${role.name}"`, answer.status, expected);
    return answer;
  };
  await change(special.later, 'reschedule', { dueAt: dueAt(14_000) }, 200);
  say(`"moved later" is moved from +5 s to +14 s.`);
  await change(special.earlier, 'reschedule', { dueAt: dueAt(7_000) }, 200);
  say(`"moved earlier" is moved from +60 s to +7 s.`);
  await change(special.cancelled, 'cancel', { reason: 'changed my mind' }, 200);
  say(`"cancelled in time" is cancelled.`);

  await untilStatus(as('ada'), idOf(special.tooLate), ['running']);
  const refused = await change(special.tooLate, 'cancel', {}, 409);
  say(`"cancelled too late" is running; the cancel is refused:`);
  say(`  HTTP ${refused.status} ${refused.body.type}: ${refused.body.title}`);

  await sleep(Math.max(0, startedAt + 8_500 - Date.now()));
  const pid = await killDispatcher();
  say(`kill -9 of the dispatcher (process ${pid}), half-way. It is started again by its parent.`);

  for (const role of cast) await untilStatus(as(role.user), idOf(role), FINISHED);
  const list = await operator.get(`/v1/jobs?tag=${TAG}&limit=100`);
  const endings: Ending[] = cast.flatMap((role) => {
    const job = list.body.items.find(({ jobId }) => jobId === idOf(role));
    if (job?.status !== role.expected)
      deviations.push(`"${role.name}" is ${job?.status ?? 'missing'} instead of ${role.expected}`);
    return job ? [{ job, expected: role.expected }] : [];
  });
  for (const { job } of endings)
    if (job.startedAt !== null && Date.parse(job.startedAt) < Date.parse(job.dueAt))
      deviations.push(`"${job.name}" started before it was due`);
  const history = await as('bob').get(`/v1/jobs/${idOf(special.flaky)}/events`);
  return { endings, deviations, history: history.body.events, historyOf: special.flaky.name };
};

const untilStatus = async (
  client: Client,
  jobId: string,
  wanted: readonly string[],
): Promise<void> => {
  const giveUpAt = performance.now() + endWithinMs;
  while (performance.now() < giveUpAt) {
    const { body } = await client.get(`/v1/jobs/${jobId}`);
    if (wanted.includes(body.status)) return;
    await sleep(50);
  }
  throw new Error(`job ${jobId} did not become ${wanted.join(' or ')} within ${endWithinMs} ms`);
};
