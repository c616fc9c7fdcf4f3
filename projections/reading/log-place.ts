/** A place in the whole log. Who goes on from it gives the server both numbers back. */
export type LogPlace = {
  /** Commit position. */
  readonly position: bigint;
  /** Prepare position, where it is another number. */
  readonly prepare?: bigint | undefined;
};

/** A place and the event that is there: another log, or this one restored, may have another one in the same place. */
export type LogMark = LogPlace & {
  /** Undefined when an earlier build wrote the mark. */
  readonly eventId?: string | undefined;
};

/** Where to go on; exclusive. A number alone is a place whose two numbers are the same. */
export type After = bigint | LogPlace | 'start';

export const positionOf = (place: bigint | LogPlace): bigint =>
  typeof place === 'bigint' ? place : place.position;

export type EventMark = LogMark & { readonly eventId: string };

/** The first event at a place or after it; undefined where the log ends before, or has no such place. */
export type EventAt = (place: LogPlace) => Promise<EventMark | undefined>;

/** The mark of an event. */
export const markOf = ({
  position,
  prepare,
  id,
}: LogPlace & { readonly id: string }): EventMark => ({
  position,
  ...(prepare !== undefined && { prepare }),
  eventId: id,
});

/**
 * Whether the log has what was seen at a mark. One whose event is gone is taken for one that was scavenged, as long
 * as the log has the place; the server of another log hardly ever has it.
 */
export const isInLog = async (mark: LogMark, eventAt: EventAt): Promise<boolean> => {
  const found = await eventAt(mark);
  const isSamePlace = found?.position === mark.position;
  return found !== undefined && (!isSamePlace || [found.eventId, undefined].includes(mark.eventId));
};
