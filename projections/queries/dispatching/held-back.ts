import type { Knex } from 'knex';
import { isHeldBackReason, type HeldBack } from '../../../domain/shares/held-back';
import { toTimestamp } from '../../../domain/time';

/** Dispatchers say once a second what they hold back; what was said longer ago is over. */
const SEEN_MS = 10_000;
/** Stands for all owners of the queue. */
const EVERYBODY = '';

/** SQL that is true for rows that count. */
export const STILL_HELD_BACK = `seen_at > clock_timestamp() - interval '${SEEN_MS} milliseconds'`;

type Row = {
  readonly queue: string;
  readonly owner_id: string;
  readonly reason: string;
  readonly since: Date;
};

type Place = { readonly queue: string; readonly ownerId: string };

export type HeldBackIn = (place: Place) => HeldBack | undefined;

/** What is held back right now in these queues for these owners; what holds a whole queue goes first. One statement. */
export const heldBackIn = async (db: Knex, places: readonly Place[]): Promise<HeldBackIn> => {
  const queues = [...new Set(places.map(({ queue }) => queue))];
  const owners = [...new Set(places.map(({ ownerId }) => ownerId)), EVERYBODY];
  const { rows } = await db.raw<{ rows: readonly Row[] }>(
    `select queue, owner_id, reason, since from held_back
     where queue = any(?::text[]) and owner_id = any(?::text[]) and ${STILL_HELD_BACK}`,
    [queues, owners],
  );
  const known = new Map(
    rows.flatMap(({ queue, owner_id, reason, since }) =>
      // a newer dispatcher may know more reasons: its row says nothing here
      isHeldBackReason(reason)
        ? [[JSON.stringify([queue, owner_id]), { reason, since: toTimestamp(since.getTime()) }]]
        : [],
    ),
  );
  const of = (queue: string, ownerId: string) => known.get(JSON.stringify([queue, ownerId]));
  return ({ queue, ownerId }) => of(queue, EVERYBODY) ?? of(queue, ownerId);
};

/** The same for one owner in one queue. */
export const heldBackOf =
  (db: Knex) =>
  async (queue: string, ownerId: string): Promise<HeldBack | undefined> => {
    const place = { queue, ownerId };
    return (await heldBackIn(db, [place]))(place);
  };
