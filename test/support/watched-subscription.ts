import type { AllStreamSubscription, StreamSubscription } from '@eventstore/db-client';

export type Watched = {
  readonly seen: string[];
  readonly caughtUp: () => number;
  readonly stop: () => Promise<void>;
};

/** Collects `stream/revision` of each event of one's own, and how often the subscription has caught up. */
export const watch = (
  subscription: AllStreamSubscription | StreamSubscription,
  isOwn: (stream: string) => boolean = () => true,
): Watched => {
  const seen: string[] = [];
  let caughtUp = 0;
  subscription.on('data', ({ event: read }) => {
    if (read && isOwn(read.streamId)) seen.push(`${read.streamId}/${read.revision}`);
  });
  subscription.on('caughtUp', () => (caughtUp += 1));
  return { seen, caughtUp: () => caughtUp, stop: () => subscription.unsubscribe() };
};
