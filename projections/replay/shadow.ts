import { inTransaction } from '../writing/transaction';
import { sendOne, type WriteSession } from '../writing/write-session';
import type { Projection, Rebuild } from '../projection';
import { quoted } from './quoted';

/** Remembers, in the schema that a replay builds, how far it is. */
export const STATE_TABLE = 'replay_state';

/** `made`: a schema without tables. `bulk`: tables without most indexes, to be finished. `follow`: whole. */
export type Phase = 'made' | 'bulk' | 'follow';

export type ShadowDeps = {
  /** On the live schema; changes schemas by name. */
  readonly control: WriteSession;
  /** Its `search_path` is the shadow alone. */
  readonly session: WriteSession;
  /** Name of the shadow. */
  readonly schema: string;
  /** Tells builds with other tables apart. */
  readonly build: string;
  readonly readModel: Pick<Projection, 'tables'>;
  readonly rebuild: Pick<Rebuild, 'keyless'>;
  /** Makes the tables in the shadow. */
  readonly migrate: () => Promise<unknown>;
};

const schemaExists = async (control: WriteSession, schema: string): Promise<boolean> => {
  const { rowCount } = await sendOne(control, {
    text: 'select from pg_namespace where nspname = $1',
    values: [schema],
  });
  return rowCount > 0;
};

export const dropSchema = async (control: WriteSession, schema: string): Promise<void> => {
  await sendOne(control, { text: `drop schema if exists ${quoted(schema)} cascade` });
};

/** @throws Error for a schema that no replay has made */
const checkIsOurs = async (control: WriteSession, schema: string): Promise<void> => {
  const { rowCount } = await sendOne(control, {
    text: 'select from pg_tables where schemaname = $1 and tablename = $2',
    values: [schema, STATE_TABLE],
  });
  if (rowCount === 0)
    throw new Error(
      `schema ${schema} was not made by a replay and is left alone: name another one with --to`,
    );
};

type State = { readonly phase: Phase; readonly build: string; readonly indexes: readonly string[] };

const readState = async (session: WriteSession): Promise<State> => {
  const { rows } = await sendOne(session, {
    text: `select phase, build, indexes from ${STATE_TABLE}`,
  });
  const [row] = rows;
  if (!row) throw new Error(`${STATE_TABLE} is empty: begin again with --fresh`);
  return row as State; // written below and nowhere else
};

/** A pooler may drop the settings of a connection, and then all would be written to the live tables. */
const checkSearchPath = async ({ session, schema }: ShadowDeps): Promise<void> => {
  const { rows } = await sendOne(session, { text: 'select current_schema() as name' });
  if (rows[0]?.['name'] !== schema)
    throw new Error(
      'the server ignores the search_path of the connection string: connect without a pooler',
    );
};

const make = async ({ control, schema, build }: ShadowDeps): Promise<void> => {
  const state = `${quoted(schema)}.${STATE_TABLE}`;
  await inTransaction(control, async () => {
    await control.send([
      { text: `create schema ${quoted(schema)}` },
      { text: `create table ${state} (phase text not null, build text not null, indexes text[])` },
      { text: `insert into ${state} values ('made', $1, '{}')`, values: [build] },
    ]);
  });
};

/**
 * How indexes are dropped, and made again. Keys ($1: tables) stay where rows are found by them:
 * all but those of tables ($2) into which rows go without a look. `on only` would make an index again without its partitions' parts.
 */
const indexesToStrip = `
  select 'drop index ' || i.indexrelid::regclass as drop,
         replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as make
  from pg_index i join pg_class t on t.oid = i.indrelid
  where t.relnamespace = current_schema()::regnamespace and not i.indisunique
    and t.relname = any($1)
  union all
  select format('alter table %s drop constraint %I', conrelid::regclass, conname),
         format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where conrelid = any($2::regclass[]) and contype = 'p'`;

/** Rows are written many times faster without these, which are made again at the end. */
const strip = async ({ session, readModel, rebuild }: ShadowDeps): Promise<void> => {
  const values = [Object.keys(readModel.tables), rebuild.keyless];
  await inTransaction(session, async () => {
    const { rows } = await sendOne(session, { text: indexesToStrip, values });
    await session.send([
      ...rows.map(({ drop }) => ({ text: String(drop) })),
      {
        text: `update ${STATE_TABLE} set phase = 'bulk', indexes = $1`,
        values: [rows.map(({ make: text }) => text)],
      },
    ]);
  });
  await stopAutovacuum(session);
};

const storedTables = `
  select relname as name from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'r'`;

/** While a replay writes, autovacuum would take its share of two cores, and its lock would hold up the exchange. */
const stopAutovacuum = async (session: WriteSession): Promise<void> => {
  const { rows } = await sendOne(session, { text: storedTables });
  await session.send(
    rows.map(({ name }) => ({
      text: `alter table ${quoted(String(name))} set (autovacuum_enabled = off)`,
    })),
  );
};

/**
 * Makes the shadow, or finds the one that an earlier replay has left.
 *
 * @throws Error for a schema of somebody else or of another build: nothing was changed
 */
export const openShadow = async (deps: ShadowDeps, isFresh: boolean): Promise<Phase> => {
  const { control, session, schema, build, migrate } = deps;
  if (await schemaExists(control, schema)) {
    await checkIsOurs(control, schema);
    if (isFresh) await dropSchema(control, schema);
  }
  if (!(await schemaExists(control, schema))) await make(deps);
  await checkSearchPath(deps);
  const state = await readState(session);
  if (state.build !== build)
    throw new Error(
      `schema ${schema} was begun by another build: --fresh drops it and begins again`,
    );
  if (state.phase !== 'made') return state.phase;
  await migrate();
  await strip(deps);
  return 'bulk';
};

/** Makes of the history whole tables, in one transaction: one that was killed is done again. */
export const finishShadow = async (
  session: WriteSession,
  { tables }: Pick<Projection, 'tables'>,
  { finish }: Rebuild,
): Promise<void> => {
  await inTransaction(session, async () => {
    await sendOne(session, { text: `set local maintenance_work_mem = '128MB'` });
    await finish(session);
    const { indexes } = await readState(session);
    await session.send([
      ...indexes.map((text) => ({ text })),
      { text: `update ${STATE_TABLE} set phase = 'follow'` },
    ]);
  });
  await stopAutovacuum(session); // of new partitions too
  await sendOne(session, { text: `analyze ${Object.keys(tables).join(', ')}` });
};
