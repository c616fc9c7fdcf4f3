import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../domain/time';
import { signsOfLife, type Sign, type SignsOfLife } from './signs-of-life';
import { atPace } from './pace';
import { onRig, type Rig } from './rig';
import type { Figures, Measurement, Row } from './row';
import { ofRuns } from './statistics';
import { warmUp } from './warm-up';

const PER_SECOND = 50;
const ROUNDS = 3;
/** Between two kills; a program that lived for ten seconds starts again at once. */
const CALM_MS = 3_000;
/** Jobs are due for this long for each kill. */
const SECONDS_A_KILL = 8;
const RECOVER_WITHIN_MS = 20_000;

/** What each program carries: after its death all of this must come back. */
const carried = {
  core: ['dispatch', 'projection', 'run'],
  edge: ['httpRead', 'httpWrite', 'run'],
  eventstore: ['httpWrite', 'dispatch', 'projection', 'run'],
  postgres: ['httpRead', 'httpWrite', 'dispatch', 'projection', 'run'],
  nats: ['dispatch', 'run'],
} as const satisfies Readonly<Record<string, readonly Sign[]>>;

type Victim = keyof typeof carried;

const victims: readonly Victim[] = ['core', 'edge', 'eventstore', 'postgres', 'nats'];

/** Jobs that are due all the time, scheduled before the first kill: dispatching needs nobody to schedule. */
const scheduleAhead = async (
  { schedule }: Rig,
  from: Instant,
  seconds: number,
): Promise<ReadonlyMap<string, Instant>> => {
  const dueAts = new Map<string, Instant>();
  await atPace(1_000, PER_SECOND * seconds, async (index) => {
    const dueAt = from + Math.round((index * 1_000) / PER_SECOND);
    const { jobId } = await schedule(index, dueAt);
    dueAts.set(jobId, dueAt);
  });
  return dueAts;
};

const killed = async ({ stack }: Rig, signs: SignsOfLife, victim: Victim): Promise<Figures> => {
  const pid = (await stack.endpoints()).pids[victim];
  if (pid === undefined) throw new Error(`the stack tells no process ${victim}`);
  const watch = signs.watch(carried[victim]);
  process.kill(pid, 'SIGKILL');
  const afterMs = await watch(RECOVER_WITHIN_MS);
  return { ...afterMs, allMs: Math.max(...Object.values(afterMs)) };
};

/** Time from kill -9 of each program to the first of each thing that it carries. */
export const recovery: Row = {
  name: 'recovery',
  measure: async (options) => {
    let signs: SignsOfLife | undefined;
    return await onRig(
      options,
      async (rig) => {
        await warmUp(rig);
        const from = Date.now() + 6_000;
        const seconds = ROUNDS * victims.length * SECONDS_A_KILL;
        const dueAts = await scheduleAhead(rig, from, seconds);
        const watched = await signsOfLife(rig, dueAts);
        signs = watched;
        await sleep(Math.max(0, from + CALM_MS - Date.now()));
        const runs = new Map<Victim, Figures[]>(victims.map((victim) => [victim, []]));
        for (let round = 1; round <= ROUNDS; round++)
          for (const victim of victims) {
            options.note(`kill -9 ${victim}, round ${round} of ${ROUNDS}`);
            runs.get(victim)?.push(await killed(rig, watched, victim));
            await sleep(CALM_MS);
          }
        await watched.stop();
        return [...runs].map(([victim, its]): Measurement => ({
          of: `kill -9 ${victim}`,
          ...ofRuns(its),
          target: [{ of: 'allMs', atMost: 5_000 }],
          stretch: [{ of: 'allMs', atMost: 2_000 }],
        }));
      },
      { onLine: (line) => signs?.line(line) },
    );
  },
};
