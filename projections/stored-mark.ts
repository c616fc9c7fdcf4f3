import type { LogMark } from './reading/log-place';

export type StoredMark = {
  readonly position: string | null;
  readonly prepare: string | null;
  readonly event_id: string | null;
};

/** Of a `checkpoint c`: what an earlier build, which moves the position alone, has left of another event is no part of it. */
export const MARK_COLUMNS = `c.position,
  case when c.event_position = c.position then c.prepare end as prepare,
  case when c.event_position = c.position then c.event_id end as event_id`;

/** Undefined when nothing is applied yet. */
export const storedMark = ({ position, prepare, event_id }: StoredMark): LogMark | undefined =>
  position === null || BigInt(position) < 0n
    ? undefined
    : {
        position: BigInt(position),
        ...(prepare !== null && { prepare: BigInt(prepare) }),
        ...(event_id !== null && { eventId: event_id }),
      };
