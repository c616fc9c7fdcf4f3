import type { Knex } from 'knex';
import { toTimestamp, type Timestamp } from '../../../domain/time';

/** What the processes say of themselves in the read model; all ages in ms, by the database clock. */
export type SystemState = {
  readonly processes: readonly {
    readonly instance: string;
    readonly process: string;
    readonly unseenMs: number;
    /** How long it had not moved when it said so. */
    readonly stillMs: number;
    readonly waitsFor: readonly { readonly server: string; readonly reason: string }[];
  }[];
  /** Who dispatches which share of the jobs. */
  readonly dispatchers: readonly { readonly dispatcherId: string; readonly slots: number }[];
  readonly slots: { readonly all: number; readonly unheld: number };
  /** Those that were heard last first. */
  readonly executors: {
    readonly count: number;
    readonly items: readonly {
      readonly executorId: string;
      readonly queue: string;
      readonly running: number;
      readonly unseenMs: number;
      readonly cannotTake?: string;
    }[];
  };
  /** Streams of which an event could not be applied; those parked last first. */
  readonly parkedStreams: {
    readonly count: number;
    readonly items: readonly {
      readonly stream: string;
      readonly revision: number;
      readonly position: string;
      readonly error: string;
      readonly parkedAt: Timestamp;
    }[];
  };
};

/** @param limit  of each list that grows with the load */
export type ReadSystemState = (limit: number) => Promise<SystemState>;

const AGE = (column: string): string =>
  `greatest(0, extract(epoch from clock_timestamp() - ${column}) * 1000)::double precision`;

type Rows<Row> = { readonly rows: readonly Row[] };

const readProcesses = async (db: Knex): Promise<SystemState['processes']> => {
  type Row = {
    readonly instance: string;
    readonly process: string;
    readonly unseen_ms: number;
    readonly still_ms: string;
    readonly hindrances: SystemState['processes'][number]['waitsFor'];
  };
  const { rows } = await db.raw<Rows<Row>>(
    `select instance, process, still_ms, hindrances, ${AGE('seen_at')} as unseen_ms
     from process_vitals order by process, instance`,
  );
  return rows.map(({ instance, process, unseen_ms, still_ms, hindrances }) => ({
    ...{ instance, process, unseenMs: Math.round(unseen_ms), stillMs: Number(still_ms) },
    waitsFor: hindrances,
  }));
};

/** A lease with more than twice its time to go was made before the clock was set back: dispatchers take it, too. */
const readSlots = async (
  db: Knex,
  leaseTtlMs: number,
): Promise<Pick<SystemState, 'dispatchers' | 'slots'>> => {
  const { rows } = await db.raw<Rows<{ readonly holder: string | null; readonly slots: number }>>(
    `select case when expires_at > clock_timestamp()
                  and expires_at < clock_timestamp() + 2 * ? * interval '1 millisecond'
                 then holder end as holder,
            count(*)::integer as slots
     from slot_leases group by 1 order by 1`,
    [leaseTtlMs],
  );
  const dispatchers = rows.flatMap(({ holder, slots }) =>
    holder === null ? [] : [{ dispatcherId: holder, slots }],
  );
  const unheld = rows.find(({ holder }) => holder === null)?.slots ?? 0;
  return { dispatchers, slots: { all: rows.reduce((sum, { slots }) => sum + slots, 0), unheld } };
};

const readExecutors = async (db: Knex, limit: number): Promise<SystemState['executors']> => {
  type Row = {
    readonly executor_id: string;
    readonly queue: string;
    readonly running: number;
    readonly unseen_ms: number;
    readonly cannot_take: string | null;
    readonly count: number;
  };
  const { rows } = await db.raw<Rows<Row>>(
    `select executor_id, queue, running, cannot_take, ${AGE('last_beat_at')} as unseen_ms,
            count(*) over ()::integer as count
     from executors order by last_beat_at desc, executor_id limit ?`,
    [limit],
  );
  return {
    count: rows[0]?.count ?? 0,
    items: rows.map(({ executor_id, queue, running, unseen_ms, cannot_take }) => ({
      ...{ executorId: executor_id, queue, running, unseenMs: Math.round(unseen_ms) },
      ...(cannot_take !== null && { cannotTake: cannot_take }),
    })),
  };
};

const readParked = async (db: Knex, limit: number): Promise<SystemState['parkedStreams']> => {
  type Row = {
    readonly stream: string;
    readonly revision: string;
    readonly position: string;
    readonly error: string;
    readonly parked_at: Date;
    readonly count: number;
  };
  const { rows } = await db.raw<Rows<Row>>(
    `select stream, revision, position, error, parked_at, count(*) over ()::integer as count
     from parked_streams order by parked_at desc, stream limit ?`,
    [limit],
  );
  return {
    count: rows[0]?.count ?? 0,
    items: rows.map(({ stream, revision, position, error, parked_at }) => ({
      ...{ stream, revision: Number(revision), position, error },
      parkedAt: toTimestamp(parked_at.getTime()),
    })),
  };
};

/**
 * Who works behind the API, who executes, and what stands still.
 *
 * @param leaseTtlMs  how long leases of slots are
 */
export const systemState =
  (db: Knex, leaseTtlMs: number): ReadSystemState =>
  async (limit) => {
    const [processes, shared, executors, parkedStreams] = await Promise.all([
      readProcesses(db),
      readSlots(db, leaseTtlMs),
      readExecutors(db, limit),
      readParked(db, limit),
    ]);
    return { processes, ...shared, executors, parkedStreams };
  };
