import type { DueMessage } from '../../infra/nats/due-queue';
import type { Log } from '../log';
import { JobDue } from '../protocol/job-due';
import { reader } from '../protocol/validate';
import { runAttempt, type AbortCause, type AttemptDeps, type Outcome, type Run } from './attempt';
import {
  claimPersistently,
  reportPersistently,
  type Claimed,
  type PersistentDeps,
} from './claiming';
import type { RunnableJob } from './ports';
import { recent } from './recent';

export type ExecutorMetrics = {
  /** `code` is undefined when it was granted. */
  readonly claimed: (code: string | undefined) => void;
  /** `code` is undefined when it was accepted, `lost` when nobody answered. */
  readonly reported: (status: string, code: string | undefined) => void;
  readonly duplicate: () => void;
  readonly poison: () => void;
  readonly running: (jobs: number) => void;
};

export type SlotsDeps = AttemptDeps &
  PersistentDeps & {
    readonly executorId: string;
    readonly metrics: ExecutorMetrics;
    readonly log: Log;
    readonly claimPatienceMs: number;
    /** A slot has fallen free. */
    readonly onFree: () => void;
  };

export type Stops = {
  /** No claim is asked for again. */
  readonly stopping: AbortSignal;
  /** Not even reports are sent again. */
  readonly hurrying: AbortSignal;
};

/** One message on its way from the claim to the report. */
type Slot = {
  readonly jobId: string;
  readonly attempt: number;
  readonly message: DueMessage;
  run: Run | undefined;
};

/** The jobs that an executor has in hand. */
export type Slots = {
  readonly take: (message: DueMessage) => void;
  readonly used: () => number;
  readonly running: () => number;
  readonly abort: (jobId: string, attempt: number) => void;
  readonly abortAll: (cause: AbortCause) => void;
  /** Tells the broker that undecided claims are still being worked on. */
  readonly signOfLife: () => void;
  /** Resolves when nothing is in hand. */
  readonly idle: () => Promise<void>;
};

/** Longest wait that is asked of the broker before it delivers a message again. */
const MAX_NAK_MS = 60_000;
/** Enough for what is delivered again within minutes at a thousand jobs a second: some ten megabytes. */
const REMEMBERED_ATTEMPTS = 100_000;
const readMessage = reader(JobDue);

const runnable = ({ time, data }: JobDue): RunnableJob => {
  const { jobId, attempt, ownerId, name, location, timeoutMs, payload } = data;
  const job = { jobId, attempt, ownerId, name, location, timeoutMs, dueAt: time };
  // the payload is what JSON.parse gave, so it is JSON; a schema of any JSON is typed as unknown
  return payload === undefined ? job : { ...job, payload: payload as RunnableJob['payload'] & {} };
};

export const slots = (deps: SlotsDeps, { stopping, hurrying }: Stops): Slots => {
  const { metrics, log, timers, executorId } = deps;
  const inHand = new Map<string, Slot>();
  // the same claim again is granted again, for its answer may have got lost; so what has run is known here
  const granted = recent(REMEMBERED_ATTEMPTS);
  const underWay = new Set<Promise<void>>();
  let running = 0;

  const report = async (due: JobDue, token: string, outcome: Outcome): Promise<void> => {
    const { jobId, attempt } = due.data;
    const answer = await reportPersistently(deps, { jobId, attempt, token, outcome }, hurrying);
    const code = answer ? (answer.accepted ? undefined : answer.code) : 'lost';
    metrics.reported(outcome.status, code);
    if (code !== undefined)
      log.warn({ jobId, attempt, status: outcome.status, code }, 'a report was not accepted');
  };

  const execute = async (
    slot: Slot,
    due: JobDue,
    claimed: Extract<Claimed, { outcome: 'granted' }>,
  ): Promise<void> => {
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

  const work = async (key: string, slot: Slot, due: JobDue): Promise<void> => {
    const { jobId, attempt, revision, ticket } = due.data;
    const request = {
      jobId,
      attempt,
      revision,
      executorId,
      ...(ticket !== undefined && { ticket }),
    };
    const claimed = await claimPersistently(deps, request, deps.claimPatienceMs, stopping);
    switch (claimed.outcome) {
      case 'granted':
        granted.add(key);
        slot.message.ack();
        metrics.claimed(undefined);
        await execute(slot, due, claimed);
        return;
      case 'refused':
        slot.message.ack();
        metrics.claimed(claimed.code);
        return;
      case 'undecided':
        slot.message.nak(Math.min(MAX_NAK_MS, claimed.retryAfterMs));
        metrics.claimed('undecided');
    }
  };

  const start = (key: string, slot: Slot, due: JobDue): void => {
    inHand.set(key, slot);
    const worked: Promise<void> = work(key, slot, due)
      .catch((error: unknown) => {
        log.error({ err: error, jobId: slot.jobId }, 'a job could not be taken to its end');
      })
      .finally(() => {
        inHand.delete(key);
        underWay.delete(worked);
        deps.onFree();
      });
    underWay.add(worked);
  };

  return {
    take: (message) => {
      const due = readMessage(message.data);
      if (!due.ok) {
        message.term();
        metrics.poison();
        log.error({ detail: due.detail }, 'a message that cannot be read was dropped');
        deps.onFree();
        return;
      }
      const { jobId, attempt, revision } = due.value.data;
      const key = `${jobId}/${attempt}/${revision}`;
      if (!inHand.has(key) && !granted.has(key)) {
        start(key, { jobId, attempt, message, run: undefined }, due.value);
        return;
      }
      metrics.duplicate();
      // as long as the claim is undecided, the first copy's ack or nak settles this one too
      if (granted.has(key)) message.ack();
      deps.onFree();
    },
    used: () => inHand.size,
    running: () => running,
    abort: (jobId, attempt) => {
      for (const slot of inHand.values())
        if (slot.jobId === jobId && slot.attempt === attempt) slot.run?.abort('abort-requested');
    },
    abortAll: (cause) => {
      for (const { run } of inHand.values()) run?.abort(cause);
    },
    signOfLife: () => {
      for (const { run, message } of inHand.values()) if (!run) message.working();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
