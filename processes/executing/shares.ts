/** What a job competes for slots as: its owner, and where its call goes. */
export type Flow = {
  readonly ownerId: string;
  readonly target: string;
  /** Most calls that the target may have at once. */
  readonly targetLimit: number;
};

/** A pool of slots that nobody takes all of, neither an owner nor a target, nor an owner all of a target's. */
export type Shares = {
  /** Takes a slot, if the flow may have one more now. */
  readonly take: (flow: Flow) => boolean;
  readonly giveBack: (flow: Flow) => void;
  readonly free: () => number;
};

/**
 * How many times the slots that stay free one may hold: with 8, one owner alone gets 8 of 9, a second one
 * 8 of 9 of the rest, and so on. What is free is never far from what the next one needs.
 */
const OWNER_WEIGHT = 8;
/** Targets have limits of their own, so that little has to be kept for others. */
const TARGET_WEIGHT = 32;
/** With fewer slots only owners share: one for another owner and one for another target would leave none. */
const LEAST_TO_SHARE_BY_TARGET = 3;

/** Who has nothing may always take what is free; who has some leaves one at least. */
const mayTake = (held: number, free: number, weight: number): boolean =>
  free > 0 && (held === 0 || held + 1 <= weight * (free - 1));

const count = (counts: Map<string, number>, key: string, change: number): void => {
  const next = (counts.get(key) ?? 0) + change;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
};

/** The key of a flow, for whoever keeps something by flow. */
export const flowKey = ({ ownerId, target }: Flow): string => `${target}\n${ownerId}`;

export const shares = (size: number): Shares => {
  const owners = new Map<string, number>();
  const targets = new Map<string, number>();
  const pairs = new Map<string, number>();
  const sharesTargets = size >= LEAST_TO_SHARE_BY_TARGET;
  let taken = 0;

  /** Most that a target may hold, given what all others do. */
  const limitOf = ({ targetLimit }: Flow, held: number): number => {
    const left = size - (taken - held);
    const share = Math.floor((left * TARGET_WEIGHT) / (TARGET_WEIGHT + 1));
    return Math.min(targetLimit, sharesTargets ? Math.max(1, share) : size);
  };
  const isWithinTarget = (flow: Flow): boolean => {
    const held = targets.get(flow.target) ?? 0;
    const free = limitOf(flow, held) - held;
    return sharesTargets ? mayTake(pairs.get(flowKey(flow)) ?? 0, free, OWNER_WEIGHT) : free > 0;
  };
  const change = (flow: Flow, by: number): void => {
    taken += by;
    count(owners, flow.ownerId, by);
    count(targets, flow.target, by);
    count(pairs, flowKey(flow), by);
  };
  return {
    take: (flow) => {
      const free = size - taken;
      const mayHave =
        mayTake(owners.get(flow.ownerId) ?? 0, free, OWNER_WEIGHT) && isWithinTarget(flow);
      if (mayHave) change(flow, 1);
      return mayHave;
    },
    giveBack: (flow) => {
      change(flow, -1);
    },
    free: () => size - taken,
  };
};
