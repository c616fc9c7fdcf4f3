import { Subject, concat, from, map } from 'rxjs';
import type { RecordedEvent } from '../../domain/event-log';
import type { Feed } from '../../projections/reading/feed';
import { positionOf } from '../../projections/reading/log-place';

export type GrowingFeed = Feed & {
  readonly push: (events: readonly RecordedEvent[]) => void;
  readonly log: () => readonly RecordedEvent[];
};

/** A log in memory that grows while it is followed. */
export const growingFeed = (first: readonly RecordedEvent[]): GrowingFeed => {
  const log = [...first];
  const pushed = new Subject<RecordedEvent>();
  return {
    log: () => log,
    push: (events) => {
      for (const event of events) {
        log.push(event);
        pushed.next(event);
      }
    },
    open: (after) => ({
      items$: concat(
        from(log.filter(({ position }) => after === 'start' || position > positionOf(after))),
        pushed,
      ).pipe(map((event) => ({ kind: 'event', event }) as const)),
      pause: () => undefined,
      resume: () => undefined,
    }),
  };
};
