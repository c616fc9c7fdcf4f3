import type { DueMessage } from '../../infra/nats/due-queue';
import type { JobDue } from '../protocol/job-due';
import type { Logger } from '../runtime/logger';
import { runAttempt, type AttemptDeps, type Outcome, type Run } from './attempt';
import {
  claimPersistently,
  reportPersistently,
  type Claimed,
  type PersistentDeps,
} from './claiming';
import type { ExecutorMetrics } from './metrics';
import type { RunnableJob } from './ports';

export type WorkingDeps = AttemptDeps &
  PersistentDeps & {
    readonly executorId: string;
    readonly metrics: ExecutorMetrics;
    readonly logger: Logger;
    readonly claimPatienceMs: number;
  };

export type Stops = {
  /** No claim is asked for again. */
  readonly stopping: AbortSignal;
  /** Not even reports are sent again. */
  readonly hurrying: AbortSignal;
};

/** One message on its way from its arrival to the report. */
export type Slot = {
  readonly key: string;
  readonly due: JobDue;
  readonly message: DueMessage;
  run: Run | undefined;
};

/** Takes messages from the claim to the report. */
export type Working = {
  /** @param onGranted  told when the claim was granted, before the message is acked */
  readonly work: (slot: Slot, onGranted: () => void) => Promise<void>;
  readonly running: () => number;
};

/** Longest wait that is asked of the broker before it delivers a message again. */
const MAX_NAK_MS = 60_000;

const runnable = ({ time, data }: JobDue): RunnableJob => {
  const { jobId, attempt, ownerId, name, location, timeoutMs, payload } = data;
  const job = { jobId, attempt, ownerId, name, location, timeoutMs, dueAt: time };
  // the payload is what JSON.parse gave, so it is JSON; a schema of any JSON is typed as unknown
  return payload === undefined ? job : { ...job, payload: payload as RunnableJob['payload'] & {} };
};

export const working = (deps: WorkingDeps, { stopping, hurrying }: Stops): Working => {
  const { metrics, logger, timers, executorId } = deps;
  let running = 0;

  const report = async (due: JobDue, token: string, outcome: Outcome): Promise<void> => {
    const { jobId, attempt } = due.data;
    const answer = await reportPersistently(deps, { jobId, attempt, token, outcome }, hurrying);
    const code = answer ? (answer.accepted ? 'accepted' : answer.code) : 'lost';
    metrics.reported(outcome.status, code);
    if (code !== 'accepted')
      logger.warn({ jobId, attempt, status: outcome.status, code }, 'a report was not accepted');
  };

  const execute = async (
    slot: Slot,
    claimed: Extract<Claimed, { outcome: 'granted' }>,
  ): Promise<void> => {
    const { due } = slot;
    metrics.running(++running);
    try {
      // counted from before the claim by the monotonic clock: no other machine's clock plays a part
      const { token, sentAtMs, leftMs: limitMs = due.data.timeoutMs } = claimed;
      const leftMs = limitMs - (timers.monotonicMs() - sentAtMs);
      slot.run = runAttempt(deps, runnable(due), leftMs);
      await report(due, token, await slot.run.outcome);
    } finally {
      metrics.running(--running);
    }
  };

  return {
    work: async (slot, onGranted) => {
      const { jobId, attempt, revision, ticket } = slot.due.data;
      const named = { jobId, attempt, revision, executorId };
      const request = ticket === undefined ? named : { ...named, ticket };
      const claimed = await claimPersistently(deps, request, deps.claimPatienceMs, stopping);
      metrics.claimed(claimed.outcome === 'refused' ? claimed.code : claimed.outcome);
      if (claimed.outcome === 'undecided') {
        slot.message.nak(Math.min(MAX_NAK_MS, claimed.retryAfterMs));
        return;
      }
      if (claimed.outcome === 'granted') onGranted();
      slot.message.ack();
      if (claimed.outcome === 'granted') await execute(slot, claimed);
    },
    running: () => running,
  };
};
