import { LRUCache } from 'lru-cache';

/** Does work for a principal at once. @returns undefined when the principal has had its share */
export type LoopShare = <T>(
  principalId: string,
  work: () => T,
) => { readonly value: T } | undefined;

type Spent = { readonly ms: number; readonly at: number };

const MAX_PRINCIPALS_KEPT = 10_000;

/** Time of the processor that this process has used, in ms: on a busy machine a clock would count what others use. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/**
 * A share of the event loop for each principal, for work that costs what the sender's text makes it cost: a rule that
 * never comes takes tens of milliseconds to find out, and all requests wait for it. One that costs little is never held
 * up; one principal who sends the costly ones over and over takes a tenth of the loop, not all of it.
 *
 * @param msPerSecond  in the long run
 * @param burstMs      at once
 */
export const loopShare = ({
  msPerSecond = 100,
  burstMs = 1_000,
  nowMs = () => performance.now(),
  spentMs = processorMs,
} = {}): LoopShare => {
  const kept = new LRUCache<string, Spent>({ max: MAX_PRINCIPALS_KEPT });

  const owed = (principalId: string, now: number): number => {
    const before = kept.get(principalId);
    if (!before) return 0;
    return Math.max(0, before.ms - ((now - before.at) * msPerSecond) / 1_000);
  };

  return (principalId, work) => {
    const now = nowMs();
    const before = owed(principalId, now);
    if (before >= burstMs) return undefined;
    const from = spentMs();
    const value = work();
    kept.set(principalId, { ms: before + spentMs() - from, at: now });
    return { value };
  };
};
