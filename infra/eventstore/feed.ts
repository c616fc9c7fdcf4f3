import type {
  AllStreamResolvedEvent,
  AllStreamSubscription,
  EventStoreDBClient,
} from '@eventstore/db-client';
import { START, streamNameFilter } from '@eventstore/db-client';
import { Observable } from 'rxjs';
import { isTombstone } from '../../domain/ids';
import { readModel } from '../../projections/projections';
import { FeedCut, type Feed, type FeedItem } from '../../projections/reading/feed';
import type { After } from '../../projections/reading/log-place';
import { reconnect } from './client-defects';
import { bothNumbers } from './event-at';
import { toRecordedEvent } from './recorded-event';
import type { StreamNames } from './stream-names';

export type FeedOptions = {
  /** How long the server may take to confirm a subscription, in ms; by default 5,000. */
  readonly confirmWithinMs?: number;
  /** Streams whose names begin with one of these; by default those of the read model. */
  readonly prefixes?: readonly string[];
  /** Events of other streams after which a checkpoint tells how far the server has looked; by default 1,000. */
  readonly maxSearchWindow?: number;
};

const CONFIRM_WITHIN_MS = 5_000;

type Chunk = FeedItem | AllStreamResolvedEvent;

const CAUGHT_UP: FeedItem = { kind: 'caught-up' };

const toFeedItem = (chunk: Chunk, names: StreamNames): FeedItem | undefined => {
  if ('kind' in chunk) return chunk;
  const event = toRecordedEvent(chunk, names);
  if (!event) return undefined;
  const { position, type } = event;
  return isTombstone(type) ? { kind: 'checkpoint', position } : { kind: 'event', event };
};

const subscribe = (
  client: EventStoreDBClient,
  names: StreamNames,
  after: After,
  { prefixes = readModel.prefixes, maxSearchWindow = 1_000 }: FeedOptions,
): AllStreamSubscription => {
  const subscription = client.subscribeToAll({
    fromPosition: after === 'start' ? START : bothNumbers(after),
    filter: streamNameFilter({
      prefixes: prefixes.map(names.stored),
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
 * A silent connection is found dead by the channel's keepalive (see the client's settings); a server that answers
 * that, but does not confirm the subscription, is left for another connection.
 */
export const eventStoreFeed = (
  client: EventStoreDBClient,
  names: StreamNames,
  options: FeedOptions = {},
): Feed => ({
  open: (after) => {
    const { confirmWithinMs = CONFIRM_WITHIN_MS } = options;
    const open = new Set<AllStreamSubscription>();
    let isPaused = false;

    const items$ = new Observable<FeedItem>((subscriber) => {
      const openedMs = performance.now();
      const subscription = subscribe(client, names, after, options);
      const cut = (cause?: unknown): void => {
        subscriber.error(new FeedCut('the subscription to the event log was cut', { cause }));
      };
      open.add(subscription);
      const unconfirmed = setTimeout(() => {
        cut(new Error(`the event store confirmed no subscription within ${confirmWithinMs} ms`));
        reconnect(client, openedMs).catch(() => undefined); // no node found: the next call finds out again
      }, confirmWithinMs);
      subscription.once('confirmation', () => clearTimeout(unconfirmed));
      // stays when we leave: an error that comes late finds a listener
      subscription.on('error', cut);
      subscription.on('end', cut);
      subscription.on('data', (chunk: Chunk) => {
        try {
          const item = toFeedItem(chunk, names);
          if (item) subscriber.next(item);
        } catch (error) {
          cut(error);
        }
      });
      if (isPaused) subscription.pause();
      return () => {
        clearTimeout(unconfirmed);
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
