import type { LiveJobs } from '../../projections/queries/live-jobs';
import { pause } from '../backoff';
import type { DueMessages } from '../due-messages';
import type { Log } from '../log';
import type { Timers } from '../timers';
import type { Place } from './deliver';
import type { WaitingJob } from './waiting-job';
import type { Holds } from './holds';
import { liveCounts } from './live-counts';
import { ownerWindows } from './owner-windows';
import { queueBudgets, type QueueDepths } from './queue-budgets';
import { queueRates } from './queue-rates';
import { resending } from './resending';
import { runningCaps } from './running-caps';
import type { LimitsInForce } from './share-limits';

export type PlacesDeps = {
  readonly depths: QueueDepths;
  readonly messages: DueMessages;
  readonly limits: LimitsInForce;
  readonly countLive: (withRunning: boolean) => Promise<LiveJobs>;
  readonly timers: Timers;
  readonly log: Log;
  readonly minQueueMessages: number;
  readonly maxQueueMessages: number;
  readonly maxUnstartedAlone: number;
  readonly maxUnstartedAmongOthers: number;
  /** Called when somebody who was held may have room. */
  readonly onRoom: () => void;
};

/** What there is of everything scarce, by queue and owner: the one place that holds jobs back. */
export type Places = {
  readonly holds: Holds;
  readonly take: (job: WaitingJob) => Place;
  readonly setSlots: (slots: ReadonlySet<number>) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** A rate makes room by time alone. */
const RATES_EVERY_MS = 20;

export const places = (deps: PlacesDeps): Places => {
  const { limits, timers, log, messages, onRoom } = deps;
  const budgets = queueBudgets({
    ...{ depths: deps.depths, timers, log, onRoom },
    limits: { minMessages: deps.minQueueMessages, maxMessages: deps.maxQueueMessages },
  });
  const rates = queueRates(limits, timers);
  const counts = liveCounts({
    ...{ countLive: deps.countLive, countsRunning: limits.countsRunning, timers, log },
    onCount: onRoom,
  });
  const caps = runningCaps(limits, counts);
  const windows = ownerWindows(counts, timers, {
    alone: deps.maxUnstartedAlone,
    amongOthers: deps.maxUnstartedAmongOthers,
  });
  const unsent = resending({ messages, timers, log, onDone: onRoom });
  let isHeldByRate = false;

  const passTime = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await pause(RATES_EVERY_MS, signal);
      if (!isHeldByRate) continue;
      isHeldByRate = false;
      onRoom();
    }
  };

  return {
    holds: {
      ofQueue: (queue) => {
        // nobody goes past messages that the broker has no room for
        if (unsent.isAtIt() || budgets.isFull(queue)) return 'queue-full';
        if (caps.isQueueFull(queue)) return 'queue-running';
        if (!rates.isOver(queue)) return undefined;
        isHeldByRate = true;
        return 'queue-rate';
      },
      ofOwner: (queue, ownerId) => {
        if (caps.isOwnerFull(queue, ownerId)) return 'owner-running';
        return windows.isFull(queue, ownerId) ? 'owner-turn' : undefined;
      },
      weightOf: (ownerId) => limits.limitsOfOwner(ownerId).weight,
    },
    take: (job) => {
      const { queue, ownerId } = job;
      budgets.begin(queue, job.messageHead.length);
      rates.begin(queue);
      windows.begin(queue, ownerId);
      const counted = counts.begin(queue, ownerId);
      let isDispatched = false;
      return {
        dispatched: (position) => {
          isDispatched = true;
          counted.dispatched(position);
        },
        sent: () => {
          budgets.sent(queue);
        },
        giveBack: () => {
          budgets.giveBack(queue);
          if (isDispatched) return; // it runs sooner or later
          rates.giveBack(queue);
          counted.giveBack();
        },
        refused: (text) => {
          budgets.refused();
          return unsent.add(job, text, () => {
            budgets.sent(queue);
          });
        },
      };
    },
    setSlots: (slots) => {
      budgets.setShare(slots.size / 256);
      rates.setShare(slots.size / 256);
      windows.setShare(slots.size / 256);
      caps.setSlots(slots);
    },
    run: async (signal) => {
      await Promise.all([
        budgets.run(signal),
        counts.run(signal),
        unsent.run(signal),
        passTime(signal),
      ]);
    },
  };
};
