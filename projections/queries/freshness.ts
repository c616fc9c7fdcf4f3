import type { Knex } from 'knex';
import type { Instant } from '../../domain/time';
import type { LogPlace } from '../reading/log-place';
import { MARK_COLUMNS, storedMark, type StoredMark } from '../writing/checkpoint';

/** How far the read model is, and waiting for it: users read their own writes. */
export type Freshness = {
  /** Whether the read model has come to `position` within `timeoutMs`. */
  readonly waitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  /** What is read from now on shows all up to here; undefined while that would have to be asked for. */
  readonly position: () => bigint | undefined;
  /** Position -1: nothing applied yet. */
  readonly checkpoint: () => Promise<LogPlace & { readonly appliedAt: Instant }>;
  readonly parkedStreams: () => Promise<number>;
};

export type NoticeHandlers = {
  /** With each message on the channel `projected`. */
  readonly onMessage: (payload: string) => void;
  /** The connection that listens is new: messages may have been missed. */
  readonly onConnect: () => void;
};

/** Runs once after `delayMs`. @returns a cancel */
export type After = (delayMs: number, run: () => void) => () => void;

type Waiter = { readonly position: bigint; readonly resolve: (reached: boolean) => void };

type CheckpointRow = StoredMark & { readonly applied_at: Date };

/** The position in a message; undefined for a text that is none of ours. */
const positionIn = (payload: string): bigint | undefined => {
  const match = /"position":"(-?\d+)"/.exec(payload);
  return match?.[1] === undefined ? undefined : BigInt(match[1]);
};

const readCheckpoint = async (
  db: Knex,
  projection: string,
): Promise<LogPlace & { readonly appliedAt: Instant }> => {
  const { rows } = await db.raw<{ rows: readonly CheckpointRow[] }>(
    `select c.applied_at, ${MARK_COLUMNS} from checkpoint c where c.projection = ?`,
    [projection],
  );
  const [row] = rows;
  if (!row) throw new Error(`projection ${projection} has no checkpoint row: run the migrations`);
  const { position = -1n, prepare } = storedMark(row) ?? {};
  return {
    position,
    ...(prepare !== undefined && { prepare }),
    appliedAt: row.applied_at.getTime(),
  };
};

const waiting = (after: After) => {
  const waiters = new Set<Waiter>();
  return {
    reached: (position: bigint): void => {
      for (const waiter of waiters) if (waiter.position <= position) waiter.resolve(true);
    },
    isEmpty: (): boolean => waiters.size === 0,
    add: (position: bigint, timeoutMs: number): Promise<boolean> =>
      new Promise((resolve) => {
        const settle = (reached: boolean): void => {
          cancel();
          waiters.delete(waiter);
          resolve(reached);
        };
        const waiter = { position, resolve: settle };
        const cancel = after(timeoutMs, () => settle(false));
        waiters.add(waiter);
      }),
  };
};

/**
 * @param listen  registers for messages on the channel `projected`, for as long as the program runs
 * @param after   ends the waits that are in vain
 */
export const freshness = (
  db: Knex,
  listen: (handlers: NoticeHandlers) => void,
  after: After,
  projection = 'jobs',
): Freshness => {
  const waiters = waiting(after);
  let known: bigint | undefined;

  const reach = (position: bigint): void => {
    known = position;
    waiters.reached(position);
  };

  const reread = async (): ReturnType<Freshness['checkpoint']> => {
    const place = await readCheckpoint(db, projection);
    reach(place.position);
    return place;
  };

  listen({
    onMessage: (payload) => {
      const position = positionIn(payload);
      if (position !== undefined) reach(position);
    },
    onConnect: () => {
      // a crash of Postgres may have taken the last batches back, so what is known counts no more
      known = undefined;
      // an error here means no connection: whoever waits then waits for the next one, or its time is up
      if (!waiters.isEmpty()) reread().catch(() => undefined);
    },
  });

  return {
    waitFor: async (position, timeoutMs) => {
      if (known !== undefined && position <= known) return true;
      const reached = waiters.add(position, timeoutMs);
      // registered first, read then: a commit in between is seen by one of the two
      await reread();
      return await reached;
    },
    position: () => known,
    checkpoint: reread,
    parkedStreams: async () => {
      const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(
        'select count(*)::integer as count from parked_streams where projection = ?',
        [projection],
      );
      return rows[0]?.count ?? 0;
    },
  };
};

/**
 * Nobody waits for what cannot come: a position that was handed out before the log was restored from an older copy
 * may lie beyond its end, and what is there is all that there is to be seen.
 *
 * @param logEnd  position of the newest event; asked only about a position that was waited for in vain
 */
export const unlessBeyond =
  (waitFor: Freshness['waitFor'], logEnd: () => Promise<bigint>): Freshness['waitFor'] =>
  async (position, timeoutMs) => {
    if (await waitFor(position, timeoutMs)) return true;
    try {
      return position > (await logEnd());
    } catch {
      return false; // a log that is away tells nothing
    }
  };
