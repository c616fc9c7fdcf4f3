import type { Actor } from '../domain/events/metadata';
import type { JobCommand, JobRejection } from '../domain/job/commands';
import { job as jobDecider } from '../domain/job/decide';
import type { JobEvent } from '../domain/job/events';
import type { KnownJob } from '../domain/job/state';
import { jobStream } from '../domain/ids';
import { toTimestamp, type Instant } from '../domain/time';
import type { HandleDeps } from './handle';
import { JobHistoryGone, loadJob, unlessGone } from './job-stream';
import { newEvents } from './new-events';
import type { Draw } from '../domain/chance';
import { StreamContended, type AppendOutcome } from '../domain/event-log';
import type { Proofs } from './proofs';

export type AttemptDeps = HandleDeps & { readonly proofs: Proofs; readonly draw: Draw };

/** A command of one of our processes. `seed` names what is done, so that doing it twice is one append. */
export type ProcessOrder = {
  readonly jobId: string;
  readonly actor: Actor;
  readonly seed: readonly string[];
};

/** Appends decided events at a revision that the caller knows. */
export const appendAt = (
  { log, ids }: AttemptDeps,
  { jobId, actor, seed }: ProcessOrder,
  events: readonly JobEvent[],
  at: Instant,
  expected: bigint,
): Promise<AppendOutcome> => {
  const commandId = ids.derive(jobId, ...seed);
  const appended = log.append(
    jobStream(jobId),
    newEvents(ids, events, commandId, {
      $correlationId: jobId,
      $causationId: `${jobStream(jobId)}@${expected}`,
      commandId,
      actor,
      at: toTimestamp(at),
    }),
    expected,
  );
  return unlessGone(jobId, appended);
};

/** What an executor is told of a job whose history is gone is what it is told of one that never was. */
export const ifGone = async <T, Gone>(call: Promise<T>, otherwise: Gone): Promise<T | Gone> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof JobHistoryGone) return otherwise;
    throw error;
  }
};

export type OrderOutcome =
  | {
      readonly outcome: 'done';
      /** The job as it was decided on. */
      readonly job: KnownJob;
      readonly at: Instant;
      readonly events: readonly JobEvent[];
      /** Of the last event, or of the job when there was nothing to record. */
      readonly revision: bigint;
    }
  | { readonly outcome: 'rejected'; readonly rejection: JobRejection };

/** A stream has few writers, and each of our commands is soon refused for good: this many lost races are a fault. */
const TRIES = 20;

/** Read, decide, append, and again after a lost race: the slow path, for what no sealed proof covers. */
export const readAndDecide = async (
  deps: AttemptDeps,
  order: ProcessOrder,
  command: (at: Instant) => JobCommand,
): Promise<OrderOutcome> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const { state } = await loadJob(deps.log, order.jobId);
    const at = deps.clock.now();
    const decision = jobDecider.decide(command(at), state);
    if (decision.outcome === 'rejected') return decision;
    if (state.status === 'none')
      return { outcome: 'rejected', rejection: { code: 'job-not-found' } };
    const { events } = decision;
    if (events.length === 0)
      return { outcome: 'done', job: state, at, events, revision: state.revision };
    const seeded = { ...order, seed: [...order.seed, String(state.revision)] };
    const appended = await appendAt(deps, seeded, events, at, state.revision);
    if (appended.outcome === 'appended')
      return { outcome: 'done', job: state, at, events, revision: appended.revision };
  }
  throw new StreamContended(`${order.jobId}: lost ${TRIES} races in a row; try again`);
};
