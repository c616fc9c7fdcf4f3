import type {
  AllStreamResolvedEvent,
  AllStreamSubscription,
  EventStoreDBClient,
} from '@eventstore/db-client';
import { START, streamNameFilter } from '@eventstore/db-client';
import { Observable } from 'rxjs';
import { JOB_STREAM_PREFIX } from '../../domain/ids';
import type { Feed, FeedItem } from '../../projections/feed';
import type { After } from '../../projections/log-place';
import { bothNumbers } from './event-at';
import { toRecordedEvent } from './recorded-event';

export type FeedOptions = {
  /** Streams whose names begin with one of these; those of jobs unless told. */
  readonly prefixes?: readonly string[];
  /** Events of other streams after which a checkpoint tells how far the server has looked; 1,000 unless told. */
  readonly maxSearchWindow?: number;
};

/** The subscription has ended; open another one after the own checkpoint. */
export class FeedCut extends Error {
  override readonly name = 'FeedCut';
}

type Chunk = FeedItem | AllStreamResolvedEvent;

const CAUGHT_UP: FeedItem = { kind: 'caught-up' };

const toFeedItem = (chunk: Chunk): FeedItem | undefined => {
  if ('kind' in chunk) return chunk;
  const event = toRecordedEvent(chunk);
  return event && { kind: 'event', event };
};

const subscribe = (
  client: EventStoreDBClient,
  after: After,
  { prefixes = [JOB_STREAM_PREFIX], maxSearchWindow = 1_000 }: FeedOptions,
): AllStreamSubscription => {
  const subscription = client.subscribeToAll({
    fromPosition: after === 'start' ? START : bothNumbers(after),
    filter: streamNameFilter({
      prefixes: [...prefixes],
      maxSearchWindow,
      checkpointInterval: 1,
      // pushed into the stream that carries the events, so that it can never overtake one that waits there
      checkpointReached: (reached, { commit: position, prepare }) => {
        reached.push({
          kind: 'checkpoint',
          position,
          ...(prepare !== position && { prepare }),
        } satisfies FeedItem);
      },
    }),
  });
  // again after falling behind on newer servers: only the first is told
  return subscription.once('caughtUp', () => subscription.push(CAUGHT_UP));
};

/**
 * The event log's feed over one filtered `$all` subscription; nothing of it is buffered here.
 *
 * A silent connection is found dead by the channel's keepalive: see the client's settings.
 */
export const eventStoreFeed = (client: EventStoreDBClient, options: FeedOptions = {}): Feed => ({
  open: (after) => {
    const open = new Set<AllStreamSubscription>();
    let isPaused = false;

    const items$ = new Observable<FeedItem>((subscriber) => {
      const subscription = subscribe(client, after, options);
      const cut = (cause?: unknown): void => {
        subscriber.error(new FeedCut('the subscription to the event log was cut', { cause }));
      };
      open.add(subscription);
      // stays when we leave: an error that comes late finds a listener
      subscription.on('error', cut);
      subscription.on('end', cut);
      subscription.on('data', (chunk: Chunk) => {
        try {
          const item = toFeedItem(chunk);
          if (item) subscriber.next(item);
        } catch (error) {
          cut(error);
        }
      });
      if (isPaused) subscription.pause();
      return () => {
        open.delete(subscription);
        subscription.unsubscribe().catch(() => undefined); // it never began
        subscription.destroy();
      };
    });

    return {
      items$,
      pause: () => {
        isPaused = true;
        for (const subscription of open) subscription.pause();
      },
      resume: () => {
        isPaused = false;
        for (const subscription of open) subscription.resume();
      },
    };
  },
});
