import type { Timestamp } from '../time';

/** Why due jobs are not dispatched yet, by how much it holds back. Stored by name. */
export const heldBackReasons = {
  /** The queue's budget of dispatched and unstarted jobs is used up. */
  'queue-full': 'as many jobs as its queue may have dispatched and unstarted wait for executors',
  /** The same, and no executor beats for that queue. */
  'no-executors': 'no executor serves its queue, which is full',
  'queue-rate': 'its queue is dispatched no faster by its limit a second',
  'queue-running': 'as many jobs of its queue as may run at once are running',
  'owner-running': 'as many jobs of its owner as may run at once are running',
  /** The owner has more due than its turn; others go in between. */
  'owner-turn': 'its owner has more jobs due than its turn, and other owners go in between',
} as const satisfies Readonly<Record<string, string>>;

export type HeldBackReason = keyof typeof heldBackReasons;

export const isHeldBackReason = (text: string): text is HeldBackReason =>
  Object.hasOwn(heldBackReasons, text);

/** What a due job waits for before it is dispatched. */
export type HeldBack = { readonly reason: HeldBackReason; readonly since: Timestamp };
