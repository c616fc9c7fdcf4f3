import { reject } from '../domain/decider';
import { sharesDecider } from '../domain/shares/decide';
import { readSharesEvent, SHARES_STREAM, type SharesEvent } from '../domain/shares/events';
import { noShares, type Shares } from '../domain/shares/shares';
import { toTimestamp } from '../domain/time';
import type { CommandContext } from './answers';
import { decideAndAppend } from './decide-and-append';
import type { HandleDeps } from './handle';
import { newEvents } from './new-events';
import type { EventLog, NewestEvents, RecordedEvent } from '../domain/event-log';

/** The document in force. `revision` and `position` are of its event; absent while none was ever set. */
export type CurrentShares = {
  readonly shares: Shares;
  readonly revision?: bigint;
  readonly position?: bigint;
};

type Mismatch = { readonly code: 'revision-mismatch'; readonly revision?: bigint };

export type SharesAnswer =
  | ({ readonly outcome: 'accepted' } & CurrentShares)
  | {
      readonly outcome: 'rejected';
      readonly rejection: Mismatch;
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

/** One document, a handful of operators: more lost races in a row are a fault. */
const MAX_ROUNDS = 5;

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
    const done = await decideAndAppend<RecordedEvent | undefined, SharesEvent, Mismatch>(
      { clock },
      {
        maxRounds: MAX_ROUNDS,
        load: () => log.newest(SHARES_STREAM),
        decide: (_at, newest) =>
          ifMatch !== undefined && ifMatch !== (newest?.revision ?? 'none')
            ? reject({
                code: 'revision-mismatch',
                ...(newest && { revision: newest.revision }),
              })
            : sharesDecider.decide({ type: 'SetShares', shares }, stateOf(newest)),
        append: (events, newest, at) => {
          const expected = newest?.revision ?? 'no-stream';
          const metadata = {
            $correlationId: SHARES_STREAM,
            $causationId: correlationId,
            commandId,
            actor,
            at: toTimestamp(at),
            ...(traceparent !== undefined && { traceparent }),
          };
          const seeded = newEvents(ids, events, `${commandId}/${expected}`, metadata);
          return log.append(SHARES_STREAM, seeded, expected);
        },
      },
    );
    if (done.outcome === 'contended') return done;
    if (done.outcome === 'rejected') return { outcome: 'rejected', rejection: done.rejection };
    const inForce = done.outcome === 'appended' ? done : done.loaded;
    return {
      outcome: 'accepted',
      shares,
      ...(inForce && { revision: inForce.revision, position: inForce.position }),
    };
  };
