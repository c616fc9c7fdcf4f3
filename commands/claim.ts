import type { CommandOf, JobRejection } from '../domain/job/commands';
import { decideQueuedClaim } from '../domain/job/decide-attempt';
import type { Instant } from '../domain/time';
import {
  appendAt,
  ifGone,
  readAndDecide,
  type AttemptDeps,
  type ProcessOrder,
} from './process-order';

export type Claim = {
  readonly jobId: string;
  readonly attempt: number;
  readonly revision: bigint;
  readonly executorId: string;
  /** From the message; without it, or with a wrong one, the stream is read. */
  readonly ticket?: string;
};

export type ClaimAnswer =
  | {
      readonly granted: true;
      readonly token: string;
      readonly deadlineAt: Instant;
      /** Until then, by the same clock; less than the limit when an earlier claim was granted and its answer got lost. */
      readonly leftMs: number;
    }
  | {
      readonly granted: false;
      readonly code: JobRejection['code'];
      /** With `too-early`: how long to wait before asking again. */
      readonly retryAfterMs?: number;
    };

const refused = (rejection: JobRejection, at: Instant): ClaimAnswer => ({
  granted: false,
  code: rejection.code,
  ...(rejection.code === 'too-early' && { retryAfterMs: Math.max(1, rejection.dueAt - at) }),
});

/**
 * Fresh event ids for each call: the same claim again is a conflict, so the stream is read, and only
 * while the attempt still runs is it granted again. As a repeated append it would be granted for ever.
 */
const orderOf = ({ jobId, executorId }: Claim, callId: string): ProcessOrder => ({
  jobId,
  actor: { kind: 'executor', id: executorId },
  seed: ['claim', callId],
});

const commandOf = (
  at: Instant,
  { attempt, revision, executorId }: Claim,
): CommandOf<'ClaimJob'> => ({
  type: 'ClaimJob',
  at,
  attempt,
  revision,
  executorId,
});

/** Appends at the ticket's revision without a read; undefined when the ticket proves nothing or the stream has moved on. */
const claimByTicket = async (deps: AttemptDeps, claim: Claim): Promise<ClaimAnswer | undefined> => {
  const { ticket, jobId, attempt, revision, executorId } = claim;
  const facts = ticket === undefined ? undefined : deps.proofs.readTicket(ticket, claim);
  if (!facts) return undefined;
  const at = deps.clock.now();
  const decision = decideQueuedClaim(commandOf(at, claim), facts);
  // only an expired job has more to record than a refusal: the slow path does that
  if (decision.outcome === 'rejected')
    return decision.rejection.code === 'job-expired' ? undefined : refused(decision.rejection, at);
  const appended = await appendAt(
    deps,
    orderOf(claim, deps.ids.next()),
    decision.events,
    at,
    revision,
  );
  if (appended.outcome === 'conflict') return undefined;
  return {
    granted: true,
    token: deps.proofs.token({ jobId, attempt, executorId, revision: appended.revision }),
    deadlineAt: at + facts.timeoutMs,
    leftMs: facts.timeoutMs,
  };
};

const claimByRead = async (deps: AttemptDeps, claim: Claim): Promise<ClaimAnswer> => {
  const { jobId, attempt, executorId } = claim;
  const order = orderOf(claim, deps.ids.next());
  const done = await readAndDecide(deps, order, (at) => commandOf(at, claim));
  if (done.outcome === 'rejected') {
    if (done.rejection.code === 'job-expired')
      await readAndDecide(deps, { ...order, seed: ['expire'] }, (at) => ({
        type: 'ExpireJob',
        at,
      }));
    return refused(done.rejection, deps.clock.now());
  }
  const { job, at, revision } = done;
  const startedAt = job.status === 'running' ? job.startedAt : at;
  const deadlineAt = startedAt + job.definition.timeoutMs;
  return {
    granted: true,
    token: deps.proofs.token({
      jobId,
      attempt,
      executorId,
      revision: job.status === 'running' ? job.token : revision,
    }),
    deadlineAt,
    leftMs: Math.max(0, deadlineAt - deps.clock.now()),
  };
};

/** JobStarted for the executor that asks first with the newest message; everybody else is told why not. */
export const claimCommand =
  (deps: AttemptDeps) =>
  (claim: Claim): Promise<ClaimAnswer> => {
    const answer = async (): Promise<ClaimAnswer> =>
      (await claimByTicket(deps, claim)) ?? (await claimByRead(deps, claim));
    return ifGone(answer(), { granted: false, code: 'job-not-found' } as const);
  };
