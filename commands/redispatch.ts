import { decideResend } from '../domain/job/decide-dispatch';
import type { DueJob } from '../domain/job/due-job';
import { appendAt, readAndDecide, type AttemptDeps } from './process-order';

/** A queued job whose message is gone. */
export type SentJob = DueJob & {
  /** The lost one. */
  readonly delivery: number;
};

export type RedispatchAnswer =
  | {
      readonly outcome: 'redispatched';
      /** Of the JobRedispatched: what the message to be sent names. */
      readonly revision: bigint;
      readonly ticket: string;
    }
  | { readonly outcome: 'expired' }
  /** It was sent too often: the attempt has ended. */
  | { readonly outcome: 'failed' }
  | { readonly outcome: 'stale' };

const rescuer = { kind: 'system', id: 'rescuer' } as const;

/** Events of the same job at the same revision by another rescuer conflict: the ids are fresh for each call. */
const orderOf = ({ jobId, attempt, delivery }: SentJob, callId: string) => ({
  jobId,
  actor: rescuer,
  seed: ['redispatch', String(attempt), String(delivery), callId],
});

const redispatched = (deps: AttemptDeps, sent: SentJob, revision: bigint): RedispatchAnswer => ({
  outcome: 'redispatched',
  revision,
  ticket: deps.proofs.ticket({ ...sent, revision }),
});

/** Reads the stream, for a decision that needs more of the job than a row has. */
const redispatchByRead = async (
  deps: AttemptDeps,
  sent: SentJob,
  maxDeliveries: number,
): Promise<RedispatchAnswer> => {
  const { attempt, delivery } = sent;
  const done = await readAndDecide(deps, orderOf(sent, deps.ids.next()), (at) => ({
    type: 'RedispatchJob',
    at,
    attempt,
    delivery,
    maxDeliveries,
    draw: deps.draw(),
  }));
  if (done.outcome === 'rejected') return { outcome: 'stale' };
  switch (done.events[0]?.type) {
    case 'JobRedispatched':
      return redispatched(deps, sent, done.revision);
    case 'JobAttemptFailed':
      return { outcome: 'failed' };
    default:
      return { outcome: 'expired' };
  }
};

/**
 * Records that a lost message is sent again: at the row's revision, reading nothing, for after a loss of the
 * broker there are as many as wait. `stale` when the stream has moved on since the row.
 *
 * @param maxDeliveries  an attempt that was sent so often is given up; default: no limit
 */
export const redispatchCommand =
  (deps: AttemptDeps) =>
  async (sent: SentJob, maxDeliveries = Infinity): Promise<RedispatchAnswer> => {
    if (sent.delivery >= maxDeliveries) return await redispatchByRead(deps, sent, maxDeliveries);
    const { maxLatenessMs, revision } = sent;
    const at = deps.clock.now();
    const definition = maxLatenessMs === undefined ? {} : { maxLatenessMs };
    const decision = decideResend(at, { ...sent, definition });
    const events = decision.outcome === 'accepted' ? decision.events : [];
    const appended = await appendAt(deps, orderOf(sent, deps.ids.next()), events, at, revision);
    if (appended.outcome === 'conflict') return { outcome: 'stale' };
    return events[0]?.type === 'JobExpired'
      ? { outcome: 'expired' }
      : redispatched(deps, sent, appended.revision);
  };
