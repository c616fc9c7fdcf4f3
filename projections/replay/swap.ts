import type { Instant } from '../../domain/time';
import type { LogMark } from '../reading/log-place';
import { createPartitions } from '../writing/partitions';
import { announceProjected } from '../projected';
import { BEGIN, COMMIT, inTransaction, orRollback } from '../writing/transaction';
import { sendOne, type Statement, type WriteSession } from '../writing/write-session';
import { quoted, READ_TABLES, STATE_TABLE } from './names';
import { lockLiveMark } from './live';

export type SwapDeps = {
  /** On the live schema; changes schemas by name. */
  readonly control: WriteSession;
  /** Writes the shadow. */
  readonly session: WriteSession;
  readonly live: string;
  readonly shadow: string;
  readonly projection: string;
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

const isPartition = (table: string): boolean => table.startsWith('due_jobs_');

const isReadTable = (table: string): boolean =>
  READ_TABLES.some((name) => name === table) || isPartition(table);

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

/** The row is changed where it is when there is one, so that the projector that waits for it begins anew. */
const moveCheckpoint = ({ live, shadow, projection }: SwapDeps): Statement => ({
  text: `
    insert into ${quoted(live)}.checkpoint as c
      (projection, position, prepare, event_id, event_position, applied_at, generation)
    select projection, position, prepare, event_id, event_position, clock_timestamp(), 1
    from ${quoted(shadow)}.checkpoint where projection = $1
    on conflict (projection) do update set
      position = excluded.position, prepare = excluded.prepare, event_id = excluded.event_id,
      event_position = excluded.event_position, applied_at = excluded.applied_at, generation = c.generation + 1`,
  values: [projection],
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

/** When the log was seen to be so far: of a log that has become another one that says nothing. */
const forgetSeenTime = (
  { live }: SwapDeps,
  livePresent: ReadonlySet<string>,
): readonly Statement[] =>
  livePresent.has('seen_time') ? [{ text: `delete from ${quoted(live)}.seen_time` }] : [];

const earliestDue = async ({ session }: SwapDeps): Promise<Instant | undefined> => {
  const { rows } = await sendOne(session, { text: 'select min(due_at) as earliest from due_jobs' });
  const earliest = rows[0]?.['earliest'];
  return earliest instanceof Date ? earliest.getTime() : undefined;
};

/** Partitions of the live table that the rebuilt one does not have: the projector knows them and names them. */
const addPartitions = async ({ session }: SwapDeps, live: ReadonlySet<string>): Promise<void> => {
  const months = [...live].filter(isPartition).map((table) => table.slice('due_jobs_'.length));
  await inTransaction(session, () => createPartitions(session, months));
};

/**
 * Readers and writers wait from the first lock on, so all that is to be known is read before, and the rest is
 * sent at once: how long they wait does not depend on how soon this process gets its turn.
 */
const exchange = async (
  deps: SwapDeps,
  livePresent: ReadonlySet<string>,
  isLiveKnown: boolean,
): Promise<void> => {
  const { control, live, shadow } = deps;
  const replaced = [...livePresent].filter(isReadTable);
  const made = [...(await tablesIn(control, shadow))].filter((table) => table !== STATE_TABLE);
  const earliest = await earliestDue(deps);
  const grants = await copiedGrants(deps, replaced);
  await control.send([
    lockTimeout(LOCK_TIMEOUT_MS),
    ...(replaced.length > 0 ? [lockTables(live, replaced, 'access exclusive')] : []),
    lockTables(shadow, made, 'access exclusive'),
    ...grants,
    ...made.filter((table) => table !== 'due_jobs').map(vacuumAgain(shadow)),
    freshGeneration(deps),
    { text: `create schema ${quoted(oldSchemaOf(shadow))}` },
    ...replaced.map(move(live, oldSchemaOf(shadow))),
    ...(livePresent.has('checkpoint') ? [moveCheckpoint(deps)] : []),
    ...made
      .filter((table) => isReadTable(table) || !livePresent.has(table))
      .map(move(shadow, live)),
    ...nameSystem(deps),
    ...(isLiveKnown ? [] : forgetSeenTime(deps, livePresent)),
    ...announceProjected(
      deps.position(),
      earliest === undefined ? undefined : { position: 0n, dueAt: earliest },
    ),
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
  const { control, live, projection, follow, position } = deps;
  await orRollback(control, async () => {
    await sendOne(control, BEGIN);
    const livePresent = await tablesIn(control, live);
    const replaced = [...livePresent].filter(isReadTable);
    await control.send([
      lockTimeout(VACUUM_TIMEOUT_MS),
      ...(replaced.length > 0 ? [lockTables(live, replaced, 'share update exclusive')] : []),
      lockTimeout(LOCK_TIMEOUT_MS),
    ]);
    const mark = await lockLiveMark(control, projection);
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
