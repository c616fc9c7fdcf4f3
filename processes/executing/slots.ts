import type { DueMessage } from '../../infra/nats/due-queue';
import type { NamedRun } from '../protocol/heartbeat';
import { JobDue } from '../protocol/job-due';
import { reader } from '../protocol/validate';
import { admission } from './admission';
import type { AbortCause } from './attempt';
import { flowOf } from './flow';
import { recentlySeen } from './recently-seen';
import type { Flow } from './shares';
import { working, type Slot, type Stops, type WorkingDeps } from './working';

export type SlotsDeps = WorkingDeps & {
  /** Jobs in flight at once, from claim to report. */
  readonly concurrency: number;
  /** More may be wanted than before. */
  readonly onFree: () => void;
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

/** Enough for what is delivered again within minutes at a thousand jobs a second: some ten megabytes. */
const REMEMBERED_ATTEMPTS = 100_000;
const readMessage = reader(JobDue);

/** What is known by its key, each message being a copy of one of the attempt. */
const keyOf = ({ data: { jobId, attempt, revision } }: JobDue): string =>
  `${jobId}/${attempt}/${revision}`;

const runsOf = (
  slots: ReadonlyMap<string, Slot>,
): Pick<Slots, 'inFlight' | 'abort' | 'abortAll'> => ({
  inFlight: () =>
    [...slots.values()].map(({ due: { data } }) => ({ jobId: data.jobId, attempt: data.attempt })),
  abort: ({ jobId, attempt }, cause) => {
    for (const { run, due } of slots.values())
      if (due.data.jobId === jobId && due.data.attempt === attempt) run?.abort(cause);
  },
  abortAll: (cause) => {
    for (const { run } of slots.values()) run?.abort(cause);
  },
});

export const slots = (deps: SlotsDeps, stops: Stops): Slots => {
  const { metrics, logger, timers } = deps;
  const inFlight = new Map<string, Slot>();
  const waiting = new Set<string>();
  // the same claim again is granted again, for its answer may have got lost; so what has run is known here
  const granted = recentlySeen(REMEMBERED_ATTEMPTS);
  const underWay = new Set<Promise<void>>();
  const { work, running } = working(deps, stops);

  const begin = (slot: Slot, flow: Flow): void => {
    waiting.delete(slot.key);
    inFlight.set(slot.key, slot);
    const worked: Promise<void> = work(slot, () => {
      granted.add(slot.key);
    })
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
  stops.stopping.addEventListener('abort', door.close, { once: true });

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
      const { ownerId, location } = due.value.data;
      const key = keyOf(due.value);
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
    running,
    ...runsOf(inFlight),
    signOfLife: () => {
      for (const { run, message } of inFlight.values()) if (!run) message.working();
      for (const { message } of door.waiting()) message.working();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
