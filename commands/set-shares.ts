import { sharesDecider } from '../domain/shares/decide';
import { readSharesEvent, SHARES_STREAM } from '../domain/shares/events';
import { noShares, type Shares } from '../domain/shares/shares';
import { toTimestamp } from '../domain/time';
import type { CommandContext } from './answers';
import type { HandleDeps } from './handle';
import { newEvents } from './new-events';
import type { EventLog, NewestEvents, RecordedEvent } from '../domain/event-log';

/** The document in force. `revision` and `position` are of its event; absent while none was ever set. */
export type CurrentShares = {
  readonly shares: Shares;
  readonly revision?: bigint;
  readonly position?: bigint;
};

export type SharesAnswer =
  | ({ readonly outcome: 'accepted' } & CurrentShares)
  | {
      readonly outcome: 'rejected';
      readonly rejection: { readonly code: 'revision-mismatch'; readonly revision?: bigint };
    }
  | { readonly outcome: 'contended' };

/** The newest event of the shares is none that Punctual wrote; setting another document mends it. */
export class SharesUnreadable extends Error {
  override readonly name = 'SharesUnreadable';
}

export type SharesContext = Pick<CommandContext, 'actor' | 'correlationId' | 'traceparent'> & {
  /** From If-Match; `none`: no document was ever set. */
  readonly ifMatch?: bigint | 'none';
};

/** Lost races decided again before giving up: one document, a handful of operators. */
const TRIES = 5;

const stateOf = (newest: RecordedEvent | undefined) =>
  newest
    ? sharesDecider.evolve(sharesDecider.initial, readSharesEvent(newest))
    : sharesDecider.initial;

/**
 * The shares in force: the last event of their stream says all.
 *
 * @throws SharesUnreadable, EventTooNew, EventLogUnavailable
 */
export const currentShares = async ({ newest }: NewestEvents): Promise<CurrentShares> => {
  const event = await newest(SHARES_STREAM);
  if (!event) return { shares: noShares };
  const { shares } = stateOf(event);
  if (shares === 'unreadable')
    throw new SharesUnreadable(`${SHARES_STREAM}@${event.revision} is no document of shares`);
  return { shares, revision: event.revision, position: event.position };
};

/**
 * Replaces the document, for an operator. Every call may throw EventLogUnavailable or AppendOutcomeUnknown;
 * the same call again is then right: an equal document writes nothing.
 */
export const setShares =
  ({ log, clock, ids }: Omit<HandleDeps, 'log'> & { readonly log: EventLog & NewestEvents }) =>
  async (
    shares: Shares,
    { actor, correlationId, traceparent, ifMatch }: SharesContext,
  ): Promise<SharesAnswer> => {
    const commandId = ids.next();
    for (let tries = 0; tries < TRIES; tries++) {
      const newest = await log.newest(SHARES_STREAM);
      if (ifMatch !== undefined && ifMatch !== (newest?.revision ?? 'none'))
        return {
          outcome: 'rejected',
          rejection: {
            code: 'revision-mismatch',
            ...(newest && { revision: newest.revision }),
          },
        };
      const decision = sharesDecider.decide({ type: 'SetShares', shares }, stateOf(newest));
      if (decision.outcome === 'rejected') return decision.rejection;
      if (decision.events.length === 0)
        return {
          outcome: 'accepted',
          shares,
          ...(newest && { revision: newest.revision, position: newest.position }),
        };
      const appended = await log.append(
        SHARES_STREAM,
        newEvents(ids, decision.events, `${commandId}/${tries}`, {
          $correlationId: SHARES_STREAM,
          $causationId: correlationId,
          commandId,
          actor,
          at: toTimestamp(clock.now()),
          ...(traceparent !== undefined && { traceparent }),
        }),
        newest?.revision ?? 'no-stream',
      );
      if (appended.outcome === 'conflict') continue;
      const { revision, position } = appended;
      return { outcome: 'accepted', shares, revision, position };
    }
    return { outcome: 'contended' };
  };
