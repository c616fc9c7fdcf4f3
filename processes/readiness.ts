import type { Condition, Readiness } from '../api/readiness';
import type { EventLog } from '../commands/ports';
import { jobStream } from '../domain/ids';
import { toTimestamp } from '../domain/time';
import { measureLag, type LagDeps } from '../projections/lag';
import type { UnservedQueues } from '../projections/queries/unserved-queues';
import type { Freshness } from '../projections/queries/freshness';
import type { EventsNotInLog } from '../projections/same-log';

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

/** Commands can be recorded. */
export const canRecord = ({ read }: Pick<EventLog, 'read'>): Probe => ({
  name: 'event-log',
  whenAway: { status: 'fail', checks: { eventLog: 'unavailable' } },
  look: async () => {
    await read(nobody);
    return { status: 'ok', checks: { eventLog: 'ok' } };
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

/** At most so many queues are named. */
const QUEUES_NAMED = 20;

/** Each queue with waiting jobs has executors; whoever has none waits for nobody else, and nobody for him. */
export const servedQueues = ({ told }: Pick<UnservedQueues, 'told'>): Probe => ({
  name: 'queues-served',
  whenAway: { status: 'warn' },
  look: async () => {
    const { count, longest } = await told(QUEUES_NAMED);
    if (count === 0) return { status: 'ok' };
    const queues = longest.map(({ queue, since, jobs }) => ({
      ...{ queue, jobs },
      since: toTimestamp(since),
    }));
    return { status: 'warn', detail: { reason: 'no executor for a minute', count, queues } };
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
