import type { LogMark } from '../reading/log-place';
import { monthlyTables, type Projection } from '../projection';
import { createPartitions, isPartitionOf } from '../writing/partitions';
import { announceProjected } from '../writing/projected';
import { BEGIN, COMMIT, inTransaction, orRollback } from '../writing/transaction';
import { sendOne, type Statement, type WriteSession } from '../writing/write-session';
import { lockLiveMark } from './live';
import { quoted } from './quoted';
import { STATE_TABLE } from './shadow';

export type SwapDeps = {
  /** On the live schema; changes schemas by name. */
  readonly control: WriteSession;
  /** Writes the shadow. */
  readonly session: WriteSession;
  readonly live: string;
  readonly shadow: string;
  readonly readModel: Pick<Projection, 'name' | 'tables' | 'noticeOfAll'>;
  /** The system of the log, if it names one. */
  readonly systemId: string | undefined;
  /** Whether the log has what the live tables were made of. */
  readonly isKnown: (mark: LogMark) => Promise<boolean>;
  /** Brings the shadow up to where the live tables are. */
  readonly follow: (upTo: LogMark) => Promise<void>;
  /** Where the shadow is. */
  readonly position: () => bigint;
};

/** Where the live tables go until they are dropped, after the exchange. */
export const oldSchemaOf = (shadow: string): string => `${shadow}_old`;

/** How long readers may have to queue behind an exchange that itself waits for a longer statement. */
const LOCK_TIMEOUT_MS = 300;
/** An autovacuum is asked to leave after a second; readers and writers go on meanwhile. */
const VACUUM_TIMEOUT_MS = 5_000;

const tablesIn = async (session: WriteSession, schema: string): Promise<ReadonlySet<string>> => {
  const { rows } = await sendOne(session, {
    text: `select c.relname as name from pg_class c
           where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p')`,
    values: [quoted(schema)],
  });
  return new Set(rows.map(({ name }) => String(name)));
};

const partitionsAmong = (
  { readModel }: SwapDeps,
  present: ReadonlySet<string>,
): readonly string[] =>
  [...present].filter((name) => monthlyTables(readModel).some(isPartitionOf(name)));

/** Those that are exchanged: of the others, only such as the live schema has lost are put back. */
const exchangedAmong = (deps: SwapDeps, present: ReadonlySet<string>): readonly string[] => [
  ...[...Object.keys(deps.readModel.tables), 'parked_streams'].filter((name) => present.has(name)),
  ...partitionsAmong(deps, present),
];

const lockTables = (schema: string, tables: readonly string[], mode: string): Statement => ({
  text: `lock table ${tables.map((table) => `${quoted(schema)}.${quoted(table)}`).join(', ')} in ${mode} mode`,
});

const lockTimeout = (milliseconds: number): Statement => ({
  text: `set local lock_timeout = ${milliseconds}`,
});

const move =
  (from: string, to: string) =>
  (table: string): Statement => ({
    text: `alter table ${quoted(from)}.${quoted(table)} set schema ${quoted(to)}`,
  });

/** The shadow was written without autovacuum. */
const vacuumAgain =
  (schema: string) =>
  (table: string): Statement => ({
    text: `alter table ${quoted(schema)}.${quoted(table)} reset (autovacuum_enabled)`,
  });

/** A user's grants go with a table, and the shadow's has none. */
const copiedGrants = async (
  { control, live, shadow }: SwapDeps,
  tables: readonly string[],
): Promise<readonly Statement[]> => {
  const { rows } = await sendOne(control, {
    text: `select c.relname as table, a.privilege_type as privilege, a.is_grantable as grantable,
                  case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
           from pg_class c cross join lateral aclexplode(c.relacl) a
           where c.relnamespace = to_regnamespace($1) and c.relname = any($2) and a.grantee <> c.relowner`,
    values: [quoted(live), tables],
  });
  return rows.map((row) => ({
    text: `grant ${String(row['privilege'])} on ${quoted(shadow)}.${quoted(String(row['table']))}
           to ${String(row['grantee'])}${row['grantable'] === true ? ' with grant option' : ''}`,
  }));
};

/** For a live schema that has lost its checkpoint: a projector may still remember one of generation 0. */
const freshGeneration = ({ shadow }: SwapDeps): Statement => ({
  text: `update ${quoted(shadow)}.checkpoint
         set generation = floor(extract(epoch from clock_timestamp()) * 1000)`,
});

/** The row is changed where it is when there is one, so that the projector that waits for it begins again. */
const moveCheckpoint = ({ live, shadow, readModel }: SwapDeps): Statement => ({
  text: `
    insert into ${quoted(live)}.checkpoint as c
      (projection, position, prepare, event_id, event_position, applied_at, generation)
    select projection, position, prepare, event_id, event_position, clock_timestamp(), 1
    from ${quoted(shadow)}.checkpoint where projection = $1
    on conflict (projection) do update set
      position = excluded.position, prepare = excluded.prepare, event_id = excluded.event_id,
      event_position = excluded.event_position, applied_at = excluded.applied_at, generation = c.generation + 1`,
  values: [readModel.name],
});

/** The read model is now that of the log. */
const nameSystem = ({ live, systemId }: SwapDeps): readonly Statement[] =>
  systemId === undefined
    ? []
    : [
        {
          text: `insert into ${quoted(live)}.system (system_id) values ($1) on conflict do nothing`,
          values: [systemId],
        },
      ];

/**
 * What those who follow the log remember of a log that has become another one. Time that was seen to pass says nothing
 * of it; the planner looks through all again, for other events lie where it had been; webhooks are told of what comes
 * from here on.
 */
const forgetFollowed = ({ live, position }: SwapDeps, present: ReadonlySet<string>): Statement[] =>
  [
    { table: 'seen_time', text: `delete from ${quoted(live)}.seen_time` },
    { table: 'planner_progress', text: `delete from ${quoted(live)}.planner_progress` },
    {
      table: 'notifier_progress',
      text: `update ${quoted(live)}.notifier_progress set position = $1`,
      values: [String(position())],
    },
  ].filter(({ table }) => present.has(table));

/** Partitions of live tables that the rebuilt one does not have: the projector knows them and names them. */
const addPartitions = async (deps: SwapDeps, livePresent: ReadonlySet<string>): Promise<void> => {
  const { session } = deps;
  const partitions = partitionsAmong(deps, livePresent);
  await inTransaction(session, () => createPartitions(session, partitions));
};

/**
 * Readers and writers wait from the first lock on, so all that is to be known is read before, and the rest is
 * sent immediately: how long they wait does not depend on how soon this process gets its turn.
 */
const exchange = async (
  deps: SwapDeps,
  livePresent: ReadonlySet<string>,
  isLiveKnown: boolean,
): Promise<void> => {
  const { control, live, shadow } = deps;
  const { readModel } = deps;
  const replaced = exchangedAmong(deps, livePresent);
  const shadowed = await tablesIn(control, shadow);
  const rebuilt = new Set(exchangedAmong(deps, shadowed));
  const made = [...shadowed].filter((table) => table !== STATE_TABLE);
  const partitioned = monthlyTables(readModel);
  const notice = await readModel.noticeOfAll(deps.session);
  const grants = await copiedGrants(deps, replaced);
  await control.send([
    lockTimeout(LOCK_TIMEOUT_MS),
    ...(replaced.length > 0 ? [lockTables(live, replaced, 'access exclusive')] : []),
    lockTables(shadow, made, 'access exclusive'),
    ...grants,
    ...made.filter((table) => !partitioned.includes(table)).map(vacuumAgain(shadow)),
    freshGeneration(deps),
    { text: `create schema ${quoted(oldSchemaOf(shadow))}` },
    ...replaced.map(move(live, oldSchemaOf(shadow))),
    ...(livePresent.has('checkpoint') ? [moveCheckpoint(deps)] : []),
    ...made
      .filter((table) => rebuilt.has(table) || !livePresent.has(table))
      .map(move(shadow, live)),
    ...nameSystem(deps),
    ...(isLiveKnown ? [] : forgetFollowed(deps, livePresent)),
    ...announceProjected(deps.position(), notice),
    COMMIT,
  ]);
};

/**
 * Puts the rebuilt tables in the place of the live ones, in one transaction: who reads sees the old ones
 * or the new ones. Tables that the live schema has lost are put back. The old ones wait in a schema of their own.
 *
 * @throws a lock time-out when someone uses the tables for longer: nothing has changed, try again
 */
export const swap = async (deps: SwapDeps): Promise<void> => {
  const { control, live, readModel, follow, position } = deps;
  await orRollback(control, async () => {
    await sendOne(control, BEGIN);
    const livePresent = await tablesIn(control, live);
    const replaced = exchangedAmong(deps, livePresent);
    await control.send([
      lockTimeout(VACUUM_TIMEOUT_MS),
      ...(replaced.length > 0 ? [lockTables(live, replaced, 'share update exclusive')] : []),
      lockTimeout(LOCK_TIMEOUT_MS),
    ]);
    const mark = await lockLiveMark(control, readModel.name);
    const isLiveKnown = mark === undefined || (await deps.isKnown(mark));
    if (mark && isLiveKnown && mark.position > position()) await follow(mark);
    await addPartitions(deps, livePresent);
    await exchange(deps, livePresent, isLiveKnown);
  });
};

/** SQLSTATEs of a lock that was not given in time, and of a circle of waiting. */
const WAITED_TOO_LONG = /^(55P03|40P01)$/;

export const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  WAITED_TOO_LONG.test(error.code);
