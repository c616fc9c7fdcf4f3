import type { LiveJobs } from '../../../projections/queries/dispatching/live-jobs';
import type { Flow, UnstartedJobs } from '../../../projections/queries/dispatching/unstarted-jobs';
import { pause } from '../../runtime/backoff';
import type { DueMessages } from '../../protocol/due-messages';
import type { Logger } from '../../runtime/logger';
import type { Timers } from '../../runtime/timers';
import type { Place } from '../deliver';
import type { DeliveryLog } from '../delivery-log';
import type { WaitingJob } from './waiting-job';
import type { Holds } from './holds';
import { flowOf, ownerWindows } from './owner-windows';
import type { WindowSettings } from './queue-window';
import { queueBudgets, type QueueBudgets, type QueueDepths } from './queue-budgets';
import { queueRates } from './queue-rates';
import { resending } from '../resending';
import { liveByKey, runningCaps } from './running-caps';
import type { LimitsInForce } from './share-limits';
import { tally } from './tally';

export type PlacesDeps = {
  readonly depths: QueueDepths;
  readonly messages: DueMessages;
  readonly limits: LimitsInForce;
  readonly countUnstarted: (flows: readonly Flow[]) => Promise<UnstartedJobs>;
  readonly countLive: () => Promise<LiveJobs>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly deliveryLog: DeliveryLog;
  readonly minQueueMessages: number;
  readonly maxQueueMessages: number;
  readonly ownerWindows: WindowSettings;
  /** Called when somebody who was held may have room. */
  readonly onRoom: () => void;
};

/** What there is of everything scarce, by queue and owner: the one place that holds jobs back. */
export type Places = {
  readonly holds: Holds;
  readonly take: (job: WaitingJob) => Place;
  readonly setShards: (shards: ReadonlySet<number>) => void;
  readonly budgets: QueueBudgets['list'];
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** A rate makes room by time alone. */
const RATES_EVERY_MS = 20;
/** Of counting what an owner's window waits for. */
const MAX_REST_MS = 60;
/** Of counting all that runs, which costs more. */
const MAX_CAPS_REST_MS = 1_000;

export const places = (deps: PlacesDeps): Places => {
  const { limits, timers, logger, messages, onRoom } = deps;
  const budgets = queueBudgets({
    ...{ depths: deps.depths, timers, logger, onRoom },
    limits: { minMessages: deps.minQueueMessages, maxMessages: deps.maxQueueMessages },
  });
  const rates = queueRates(limits, timers);
  const weightOf = (ownerId: string): number => limits.limitsOfOwner(ownerId).weight;
  const unstarted = tally({
    count: async (keys) => {
      const { position, jobs } = await deps.countUnstarted(keys.map(flowOf));
      return { position, jobs: new Map(keys.map((key, index) => [key, jobs[index] ?? 0])) };
    },
    isForAll: () => false,
    ...{ maxRestMs: MAX_REST_MS, timers, logger },
    onCount: (keys) => {
      windows.counted(keys);
      onRoom();
    },
  });
  const windows = ownerWindows(unstarted, weightOf, timers, deps.ownerWindows);
  const live = tally({
    count: async () => liveByKey(await deps.countLive()),
    isForAll: limits.countsRunning,
    ...{ maxRestMs: MAX_CAPS_REST_MS, timers, logger, onCount: onRoom },
  });
  const caps = runningCaps(limits, live);
  const unsent = resending({ messages, timers, deliveryLog: deps.deliveryLog, onDone: onRoom });
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
      ofOwner: (queue, ownerId, waiting) => {
        if (caps.isOwnerFull(queue, ownerId)) return 'owner-running';
        return windows.isFull(queue, ownerId, waiting) ? 'owner-turn' : undefined;
      },
      weightOf,
    },
    take: (job) => {
      const { queue, ownerId } = job;
      budgets.begin(queue, job.messageHead.length);
      rates.begin(queue);
      const counted = [windows.begin(queue, ownerId), caps.begin(queue, ownerId)];
      let isDispatched = false;
      return {
        dispatched: (position) => {
          isDispatched = true;
          for (const one of counted) one.dispatched(position);
        },
        sent: () => {
          budgets.sent(queue);
        },
        giveBack: () => {
          budgets.giveBack(queue);
          if (isDispatched) return; // it runs sooner or later
          rates.giveBack(queue);
          for (const one of counted) one.giveBack();
        },
        refused: (text) => {
          budgets.refused();
          return unsent.add(job, text, () => {
            budgets.sent(queue);
          });
        },
      };
    },
    setShards: (shards) => {
      budgets.setShare(shards.size / 256);
      rates.setShare(shards.size / 256);
      windows.setShare(shards.size / 256);
      caps.setShards(shards);
    },
    budgets: budgets.list,
    run: async (signal) => {
      await Promise.all([
        budgets.run(signal),
        unstarted.run(signal),
        live.run(signal),
        unsent.run(signal),
        passTime(signal),
      ]);
    },
  };
};
