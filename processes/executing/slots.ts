import type { DueMessage } from '../../infra/nats/due-queue';
import type { Logger } from '../runtime/logger';
import type { NamedRun } from '../protocol/heartbeat';
import { JobDue } from '../protocol/job-due';
import { reader } from '../protocol/validate';
import { admission } from './admission';
import { runAttempt, type AbortCause, type AttemptDeps, type Outcome, type Run } from './attempt';
import {
  claimPersistently,
  reportPersistently,
  type Claimed,
  type PersistentDeps,
} from './claiming';
import { flowOf } from './flow';
import type { ExecutorMetrics } from './metrics';
import type { RunnableJob } from './ports';
import { recentlySeen } from './recently-seen';
import type { Flow } from './shares';

export type SlotsDeps = AttemptDeps &
  PersistentDeps & {
    readonly executorId: string;
    /** Jobs in flight at once, from claim to report. */
    readonly concurrency: number;
    readonly metrics: ExecutorMetrics;
    readonly logger: Logger;
    readonly claimPatienceMs: number;
    /** More may be wanted than before. */
    readonly onFree: () => void;
  };

export type Stops = {
  /** No claim is asked for again. */
  readonly stopping: AbortSignal;
  /** Not even reports are sent again. */
  readonly hurrying: AbortSignal;
};

/** One message on its way from its arrival to the report. */
type Slot = {
  readonly key: string;
  readonly due: JobDue;
  readonly message: DueMessage;
  run: Run | undefined;
};

/** The jobs that an executor has in flight. */
export type Slots = {
  readonly take: (message: DueMessage) => void;
  /** How many messages there is use for now. */
  readonly wanted: () => number;
  readonly running: () => number;
  /** All that is claimed, is being claimed, runs or is being reported. */
  readonly inFlight: () => readonly NamedRun[];
  /** Stops a run; a claim that has no answer yet is left alone. */
  readonly abort: (run: NamedRun, cause: AbortCause) => void;
  readonly abortAll: (cause: AbortCause) => void;
  /** Tells the broker that undecided claims are still being worked on. */
  readonly signOfLife: () => void;
  /** Resolves when nothing is in flight. */
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
  const { metrics, logger, timers, executorId } = deps;
  const inFlight = new Map<string, Slot>();
  const waiting = new Set<string>();
  // the same claim again is granted again, for its answer may have got lost; so what has run is known here
  const granted = recentlySeen(REMEMBERED_ATTEMPTS);
  const underWay = new Set<Promise<void>>();
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

  const work = async (slot: Slot): Promise<void> => {
    const { jobId, attempt, revision, ticket } = slot.due.data;
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
        granted.add(slot.key);
        slot.message.ack();
        metrics.claimed('granted');
        await execute(slot, claimed);
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

  const begin = (slot: Slot, flow: Flow): void => {
    waiting.delete(slot.key);
    inFlight.set(slot.key, slot);
    const worked: Promise<void> = work(slot)
      .catch((error: unknown) => {
        logger.error(
          { err: error, jobId: slot.due.data.jobId },
          'a job could not be taken to its end',
        );
      })
      .finally(() => {
        inFlight.delete(slot.key);
        underWay.delete(worked);
        door.leave(flow);
        deps.onFree();
      });
    underWay.add(worked);
  };
  const door = admission<Slot>({
    size: deps.concurrency,
    timers,
    draw: deps.draw,
    begin,
    sendBack: ({ key, message }, delayMs) => {
      waiting.delete(key);
      message.nak(delayMs);
      metrics.putOff();
      deps.onFree();
    },
  });
  stopping.addEventListener('abort', door.close, { once: true });

  return {
    take: (message) => {
      const due = readMessage(message.data);
      if (!due.ok) {
        message.term();
        metrics.dropped('poison');
        logger.error({ detail: due.detail }, 'a message that cannot be read was dropped');
        deps.onFree();
        return;
      }
      const { jobId, attempt, revision, ownerId, location } = due.value.data;
      const key = `${jobId}/${attempt}/${revision}`;
      if (!inFlight.has(key) && !waiting.has(key) && !granted.has(key)) {
        waiting.add(key);
        door.offer({ key, due: due.value, message, run: undefined }, flowOf(ownerId, location));
        return;
      }
      metrics.dropped('duplicate');
      // as long as the claim is undecided, the first copy's ack or nak settles this one too
      if (granted.has(key)) message.ack();
      deps.onFree();
    },
    wanted: door.wanted,
    running: () => running,
    inFlight: () =>
      [...inFlight.values()].map(({ due: { data } }) => ({
        jobId: data.jobId,
        attempt: data.attempt,
      })),
    abort: ({ jobId, attempt }, cause) => {
      for (const { run, due } of inFlight.values())
        if (due.data.jobId === jobId && due.data.attempt === attempt) run?.abort(cause);
    },
    abortAll: (cause) => {
      for (const { run } of inFlight.values()) run?.abort(cause);
    },
    signOfLife: () => {
      for (const { run, message } of inFlight.values()) if (!run) message.working();
      for (const { message } of door.waiting()) message.working();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
