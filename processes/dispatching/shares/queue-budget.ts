/**
 * The budget of one queue: how many messages may lie in it undelivered. As many as its executors take in a third
 * of a second: what lies before a message decides how long another owner's job waits, and more of it makes
 * nothing faster.
 */
export type QueueBudget = {
  /** Undelivered messages that the queue may have now. */
  readonly messages: () => number;
  /** Those that are there, as far as is known. */
  readonly used: () => number;
  /** Of them, those that the broker has told of. */
  readonly waiting: () => number;
  readonly averageBytes: () => number;
  readonly isServed: () => boolean;
  /** Whether it is time to ask for the depth: half of the budget is used, or nobody has asked yet. */
  readonly isToBeAsked: () => boolean;
  /** Whether nothing is under way. */
  readonly isIdle: () => boolean;
  /** A dispatch has begun. */
  readonly begin: (sizeBytes: number) => void;
  /** Its message is in the queue. */
  readonly sent: () => void;
  /** There will be no message. */
  readonly giveBack: () => void;
  /** Call before the depth is asked for. @returns what takes the answer in */
  readonly asking: (nowMs: number) => (depth: Depth, nowMs: number) => void;
};

export type Depth = {
  readonly waiting: number;
  readonly delivered: number;
  readonly isServed: boolean;
};

export type BudgetLimits = {
  /** Of a queue whose executors take nothing, and of one that is not known yet. */
  readonly minMessages: number;
  readonly maxMessages: number;
};

const SUPPLY_MS = 300;
/** A queue of which nothing was taken for this long is not served, whoever may have asked once. */
const UNSERVED_AFTER_MS = 10_000;
/** A pace that has fallen is believed so fast; one that has risen immediately. */
const HALVED_AFTER_MS = 300;

export const queueBudget = ({ minMessages, maxMessages }: BudgetLimits): QueueBudget => {
  let begun = 0;
  let sent = 0;
  let sentWhenAsked = 0;
  let waiting = 0;
  let delivered: number | undefined;
  let askedAtMs: number | undefined;
  let takenAtMs: number | undefined;
  let perMs = 0;
  let isServed = false; // until the broker has said so
  let averageBytes: number | undefined;

  const used = (): number => waiting + begun - sentWhenAsked;
  const messages = (): number => Math.min(maxMessages, Math.ceil(minMessages + perMs * SUPPLY_MS));

  return {
    messages,
    used,
    waiting: () => waiting,
    averageBytes: () => averageBytes ?? 0,
    isServed: () => isServed,
    isToBeAsked: () => askedAtMs === undefined || used() * 2 >= messages(),
    isIdle: () => begun <= sent,
    begin: (sizeBytes) => {
      begun += 1;
      averageBytes ??= sizeBytes;
      averageBytes += (sizeBytes - averageBytes) / 32;
    },
    sent: () => {
      sent += 1;
    },
    giveBack: () => {
      begun -= 1;
    },
    asking: (startMs) => {
      const sentBefore = sent;
      return (depth, nowMs) => {
        waiting = depth.waiting;
        sentWhenAsked = sentBefore;
        const taken = depth.delivered - (delivered ?? 0);
        const sinceMs = askedAtMs === undefined ? undefined : Math.max(1, startMs - askedAtMs);
        // a counter that went back belongs to another consumer
        if (sinceMs !== undefined && delivered !== undefined && taken >= 0) {
          const sample = taken / sinceMs;
          const kept = sample > perMs ? 0 : 0.5 ** (sinceMs / HALVED_AFTER_MS);
          perMs = perMs * kept + sample * (1 - kept);
        }
        if (taken > 0) takenAtMs = nowMs;
        takenAtMs ??= nowMs;
        delivered = depth.delivered;
        askedAtMs = startMs;
        isServed = depth.isServed || (depth.delivered > 0 && nowMs - takenAtMs < UNSERVED_AFTER_MS);
      };
    },
  };
};
