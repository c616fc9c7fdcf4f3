import type { Subscription } from 'rxjs';
import type { RecordedEvent } from '../../../../domain/event-log';
import type { Feed } from '../../../../projections/reading/feed';

/** Follows a feed as a projector does: keeps a checkpoint, and opens again after it when cut. */
export const followAcrossCuts = (feed: Feed, after: bigint | 'start' = 'start') => {
  const events: RecordedEvent[] = [];
  let checkpoint = after;
  let cuts = 0;
  let isLeft = false;
  let subscription: Subscription | undefined;
  let again: NodeJS.Timeout | undefined;
  const open = (): void => {
    subscription = feed.open(checkpoint).items$.subscribe({
      next: (item) => {
        if (item.kind === 'caught-up') return;
        checkpoint = item.kind === 'event' ? item.event.position : item.position;
        if (item.kind === 'event') events.push(item.event);
      },
      error: () => {
        cuts += 1;
        if (!isLeft) again = setTimeout(open, 20);
      },
    });
  };
  open();
  return {
    events,
    cuts: () => cuts,
    leave: () => {
      isLeft = true;
      clearTimeout(again);
      subscription?.unsubscribe();
    },
  };
};
