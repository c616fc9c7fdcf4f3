import type { Instant } from '../../domain/time';

/** What the projector says after each batch: where to look for rows that are due soon. */
export type DueHint = {
  /** Lowest log position of a row that the batch wrote. */
  readonly position: bigint;
  /** Earliest due time among them. */
  readonly dueAt: Instant;
};

const POSITION = /^\d{1,18}$/;
/** No instant is further from the epoch. */
const MAX_INSTANT = 8.64e15;

/** What a message on the channel `projected` says of due rows; undefined when it wrote none. */
export const dueHintOf = (payload: string): DueHint | undefined => {
  let message: Readonly<Record<string, unknown>> | null;
  try {
    message = JSON.parse(payload) as typeof message; // sent by our own projector, mostly
  } catch {
    return undefined; // whoever may connect may notify
  }
  const { duePosition, dueAt } = message ?? {};
  return typeof duePosition === 'string' &&
    POSITION.test(duePosition) &&
    typeof dueAt === 'number' &&
    Math.abs(dueAt) <= MAX_INSTANT
    ? { position: BigInt(duePosition), dueAt }
    : undefined;
};
