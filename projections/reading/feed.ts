import type { Observable } from 'rxjs';
import type { RecordedEvent } from '../../domain/event-log';
import type { After, LogPlace } from './log-place';

/** What the log's subscription gives, in the order of the log. */
export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** All up to this position is told: what lies between was not for us. Safe to resume after. */
  | ({ readonly kind: 'checkpoint' } & LogPlace)
  /** Once a subscription: history is over, from here on items arrive as they are appended. */
  | { readonly kind: 'caught-up' };

/** The subscription has ended; open another one after the own checkpoint. */
export class FeedCut extends Error {
  override readonly name = 'FeedCut';
}

export type FeedSubscription = {
  /** Cold: each subscriber has a subscription of its own. Errors when cut: open again after the own checkpoint. */
  readonly items$: Observable<FeedItem>;
  /** Stops the items at the server after those under way (some dozens); `resume` goes on without a gap. */
  readonly pause: () => void;
  readonly resume: () => void;
};

/** The log as one ordered stream of events, history first, then live. */
export type Feed = {
  /** @param after  exclusive: the place of the last item that was dealt with */
  readonly open: (after: After) => FeedSubscription;
};
