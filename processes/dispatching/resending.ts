import { pause } from '../runtime/backoff';
import type { DueMessages } from '../protocol/due-messages';
import type { Timers } from '../runtime/timers';
import type { DeliveryLog } from './delivery-log';
import type { WaitingJob } from './shares/waiting-job';

/** Messages that the broker had no room for, sent again in the order in which they came. */
export type Resending = {
  /** @returns false when there are too many: the rescuer will send it */
  readonly add: (job: WaitingJob, text: string, sent: () => void) => boolean;
  readonly isAtIt: () => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

export type ResendingDeps = {
  readonly messages: DueMessages;
  readonly timers: Timers;
  readonly deliveryLog: DeliveryLog;
  /** Called when the last one has found room, or was given up. */
  readonly onDone: () => void;
};

type Unsent = {
  readonly job: WaitingJob;
  readonly text: string;
  readonly sent: () => void;
  readonly giveUpAtMs: number;
};

const TRY_EVERY_MS = 250;
/** The rescuer looks for what was not started in half a minute: it may not find what is sent here. */
const GIVE_UP_AFTER_MS = 15_000;
const MAX_MESSAGES = 1_000;
const MAX_CHARS = 16 * 1_024 * 1_024;

export const resending = ({ messages, timers, deliveryLog, onDone }: ResendingDeps): Resending => {
  const unsent: Unsent[] = [];
  let chars = 0;

  const leave = (): void => {
    chars -= unsent.shift()?.text.length ?? 0;
  };
  const sendOn = async (signal: AbortSignal): Promise<void> => {
    for (let first = unsent[0]; first && !signal.aborted; first = unsent[0]) {
      const { job, text, sent, giveUpAtMs } = first;
      try {
        await messages.publish(job.queue, job.jobId, job.messageId, text);
        sent();
      } catch (error) {
        if (timers.monotonicMs() < giveUpAtMs && !messages.hopelessness(error)) return;
        deliveryLog.gaveUp(job.jobId, error); // the rescuer finds what the log has and the broker has not
      }
      leave();
    }
  };

  return {
    add: (job, text, sent) => {
      if (unsent.length >= MAX_MESSAGES || chars + text.length > MAX_CHARS) return false;
      unsent.push({ job, text, sent, giveUpAtMs: timers.monotonicMs() + GIVE_UP_AFTER_MS });
      chars += text.length;
      return true;
    },
    isAtIt: () => unsent.length > 0,
    run: async (signal) => {
      while (!signal.aborted) {
        await pause(TRY_EVERY_MS, signal);
        if (unsent.length === 0) continue;
        await sendOn(signal);
        if (unsent.length === 0) onDone();
      }
    },
  };
};
