import type { Condition, Readiness } from '../../api/routes/operations';
import type { EventLog } from '../../domain/event-log';
import { jobStream } from '../../domain/ids';
import { toTimestamp, type Instant } from '../../domain/time';
import { isReadOnlyError, isTransientPostgresError } from '../../infra/postgres/failures';
import { SKEW_LIMIT_MS } from '../../infra/server-time';
import { measureLag, type LagDeps } from '../../projections/queries/lag';
import type { UnservedQueues } from '../../projections/queries/rescuing/unserved-queues';
import type { Freshness } from '../../projections/queries/freshness';
import type { ProcessVitals } from '../../projections/queries/operating/process-vitals';
import type { EventsNotInLog } from '../../projections/audit/same-log';

type Seen = Omit<Condition, 'name'> & { readonly checks?: Readiness['checks'] };

/** One thing that `/readyz` looks at. Several may be looked at in any order, all at once. */
export type Probe = {
  readonly name: string;
  /** What it means when `look` throws. */
  readonly whenAway: Seen;
  readonly look: () => Promise<Seen>;
};

/** Never a job's: reading it tells whether the log answers. */
const nobody = jobStream('00000000-0000-0000-0000-000000000000');

/**
 * Commands can be recorded.
 *
 * @param whyNot  why appends come to nothing, as commands have found out: a log whose disk is full can be read
 */
export const canRecord = (
  { read }: Pick<EventLog, 'read'>,
  whyNot: () => string | undefined,
): Probe => ({
  name: 'event-log',
  whenAway: { status: 'fail', checks: { eventLog: 'unavailable' } },
  look: async () => {
    await read(nobody);
    const reason = whyNot();
    return reason === undefined
      ? { status: 'ok', checks: { eventLog: 'ok' } }
      : { status: 'fail', detail: { reason }, checks: { eventLog: 'unavailable' } };
  },
});

/** Queries can be answered. */
export const canRead = ({ checkpoint }: Pick<Freshness, 'checkpoint'>): Probe => ({
  name: 'read-model',
  whenAway: { status: 'fail', checks: { readModel: 'unavailable' } },
  look: async () => {
    const { position, appliedAt } = await checkpoint();
    const projection = { position: String(position), appliedAt: toTimestamp(appliedAt) };
    return { status: 'ok', detail: projection, checks: { readModel: 'ok', projection } };
  },
});

const READ_ONLY =
  'the Postgres server takes no writes: a standby, or set to read-only. Nothing is projected or dispatched until it does, or POSTGRES_URL leads to one that does';

/** What the other processes do with the read model can be done. A server that is read only answers queries, older and older. */
export const takesWrites = (tryWrite: () => Promise<void>): Probe => ({
  name: 'read-model-writes',
  whenAway: { status: 'fail' },
  look: async () => {
    try {
      await tryWrite();
      return { status: 'ok' };
    } catch (error) {
      if (isReadOnlyError(error)) return { status: 'fail', detail: { reason: READ_ONLY } };
      if (isTransientPostgresError(error)) throw error;
      return { status: 'fail', detail: { reason: (error as Error).message } }; // of the driver
    }
  },
});

/** The log has the events that the read model was made of: what is recorded now will be read, and happen. */
export const sameLog = (otherEvents: () => Promise<EventsNotInLog | undefined>): Probe => ({
  name: 'same-log',
  whenAway: { status: 'warn' }, // which of the two is away says a condition of its own
  look: async () => {
    const found = await otherEvents();
    return found ? { status: 'fail', detail: { reason: found.message } } : { status: 'ok' };
  },
});

/** A read model that is behind by more than this says so. */
const BEHIND_MS = 3_000;

/**
 * The read model is near the log's end. One that is not is a warning: all instances share it, commands are recorded
 * and single jobs read from the log all the same, and lists say how old they are.
 */
export const keepsUp = (deps: LagDeps): Probe => ({
  name: 'projection',
  whenAway: { status: 'warn' },
  look: async () => {
    const { events: lagEvents, ms: lagMs } = await measureLag(deps);
    return { status: lagMs > BEHIND_MS ? 'warn' : 'ok', detail: { lagEvents, lagMs } };
  },
});

/** Jobs that stand still in the read model because one of their events could not be applied. */
export const parkedStreams = (fresh: Pick<Freshness, 'parkedStreams'>): Probe => ({
  name: 'parked-streams',
  whenAway: { status: 'warn' },
  look: async () => {
    const count = await fresh.parkedStreams();
    return {
      status: count === 0 ? 'ok' : 'warn',
      detail: { count },
      checks: { parkedStreams: count },
    };
  },
});

/** Who does not own the tables cannot make their partitions, and a job that is due where there is none stands still. */
export const partitionsAhead = (
  missing: (now: Instant) => Promise<readonly string[]>,
  now: () => Instant,
): Probe => ({
  name: 'partitions-ahead',
  whenAway: { status: 'warn' },
  look: async () => {
    const [first] = await missing(now());
    if (first === undefined) return { status: 'ok' };
    const reason = `there is no partition ${first}: run "punctual migrate" as the owner of due_jobs`;
    return { status: 'warn', detail: { reason } };
  },
});

/** At most so many queues are named. */
const QUEUES_NAMED = 20;

/** Each queue with waiting jobs has executors; whoever has none waits for nobody else, and nobody for him. */
export const servedQueues = ({ told }: Pick<UnservedQueues, 'told'>): Probe => ({
  name: 'queues-served',
  whenAway: { status: 'warn' },
  look: async () => {
    const { count, longest } = await told(QUEUES_NAMED);
    if (count === 0) return { status: 'ok' };
    const queues = longest.map(({ since, ...rest }) => ({ ...rest, since: toTimestamp(since) }));
    const reason = 'no executor takes their jobs';
    return { status: 'warn', detail: { reason, count, queues } };
  },
});

/** Without one of each no job runs; without a planner none of a schedule is made, without a notifier no webhook is told, without a rescuer one that got stuck stays so, without a bulk changer no operation goes on. */
const NEEDED = {
  projector: 'fail',
  dispatcher: 'fail',
  'executor-gateway': 'fail',
  planner: 'warn',
  notifier: 'warn',
  rescuer: 'warn',
  'bulk-changer': 'warn',
} as const;
/** Processes tell of themselves every two seconds. */
const UNSEEN_MS = 10_000;
const STILL_MS = 15_000;

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

const isWell = ({ unseenMs, stillMs, hindrances }: ProcessVitals): boolean =>
  unseenMs <= UNSEEN_MS && unseenMs + stillMs <= STILL_MS && hindrances.length === 0;

/** What keeps all of one kind from their work; undefined when one of them does it. */
const whatIsWrong = (process: string, known: readonly ProcessVitals[]): string | undefined => {
  if (known.some(isWell)) return undefined;
  const [newest] = known.toSorted((a, b) => a.unseenMs - b.unseenMs);
  if (!newest) return `none is running: start one (PROCESSES=${process})`;
  if (newest.unseenMs > UNSEEN_MS) return `not heard of for ${seconds(newest.unseenMs)}`;
  const [hindrance] = newest.hindrances;
  if (hindrance) return `waits for the ${hindrance.server}: ${hindrance.reason}`;
  return `has not moved for ${seconds(newest.unseenMs + newest.stillMs)}`;
};

/**
 * The processes behind this API live and move, wherever they run. Without them a job that is accepted does not run,
 * so this takes all instances out of service (docs/adr/0013-ready-means-jobs-run.md).
 */
export const processesMove = (look: () => Promise<readonly ProcessVitals[]>): Probe => ({
  name: 'processes',
  whenAway: { status: 'fail' },
  look: async () => {
    const known = await look();
    const wrong = Object.entries(NEEDED).flatMap(([process, severity]) => {
      const found = whatIsWrong(
        process,
        known.filter((one) => one.process === process),
      );
      return found === undefined ? [] : [{ process, severity, found }];
    });
    if (wrong.length === 0) return { status: 'ok' };
    return {
      status: wrong.some(({ severity }) => severity === 'fail') ? 'fail' : 'warn',
      detail: Object.fromEntries(wrong.map(({ process, found }) => [process, found])),
    };
  },
});

/** The clocks of programs and servers, by those who compare theirs with a server's. */
export const clocksAgree = (look: () => Promise<readonly ProcessVitals[]>): Probe => ({
  name: 'clocks',
  whenAway: { status: 'warn' },
  look: async () => {
    const known = (await look()).filter(({ unseenMs }) => unseenMs <= UNSEEN_MS);
    const off = known.flatMap(({ process, skewsMs }) =>
      Object.entries(skewsMs)
        .filter(([, skewMs]) => Math.abs(skewMs) > SKEW_LIMIT_MS)
        .map(([server, skewMs]) => ({ process, server, aheadMs: skewMs })),
    );
    return off.length === 0 ? { status: 'ok' } : { status: 'warn', detail: { off } };
  },
});

/** Ready means: it works. Each probe that cannot look is a condition of its own. */
export const readinessOf = (probes: readonly Probe[]) => async (): Promise<Readiness> => {
  const seen = await Promise.all(
    probes.map(({ look, whenAway }) => look().catch((): Seen => whenAway)),
  );
  return {
    conditions: seen.map(({ checks: _, ...rest }, index) => ({
      name: probes[index]?.name ?? '',
      ...rest,
    })),
    checks: Object.assign({}, ...seen.map(({ checks }) => checks)) as Readiness['checks'],
  };
};
