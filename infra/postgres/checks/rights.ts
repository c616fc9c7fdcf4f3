import { escapeIdentifier, type Client } from 'pg';
import { monthsAhead, partitionOf } from '../../../projections/writing/partitions';
import type { Verdict } from '../../server-check';
import { pendingMigrations } from '../pending-migrations';

const ok: Verdict = { outcome: 'ok' };

const NO_RIGHT = '42501';

const isNoRight = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === NO_RIGHT;

type Place = {
  readonly role: string;
  readonly schema: string;
  /** Of the tables; null before there are any. */
  readonly owner: string | null;
  readonly is_owner: boolean | null;
};

const placeOf = async (client: Client): Promise<Place> => {
  const { rows } = await client.query<Place>(
    `select current_user as role, current_schema() as schema, pg_get_userbyid(c.relowner) as owner,
            pg_has_role(c.relowner, 'usage') as is_owner
     from (select) as one left join pg_class c on c.oid = to_regclass('due_jobs')`,
  );
  const [place] = rows;
  if (!place) throw new Error('a question for one row was answered with none');
  return place;
};

/** Makes a table and takes it back. */
const canMakeTables = async (client: Client, schema: string): Promise<boolean> => {
  await client.query('begin');
  try {
    const { rows } = await client.query<{ readonly pid: number }>('select pg_backend_pid() as pid');
    await client.query(
      `create table ${escapeIdentifier(schema)}.punctual_trial_${rows[0]?.pid ?? 0} ()`,
    );
    return true;
  } catch (error) {
    if (isNoRight(error)) return false;
    throw error;
  } finally {
    await client.query('rollback');
  }
};

/** Tables of the read model of which this role may not read, add, change and remove rows. */
const FORBIDDEN = `
  select c.relname as name
  from pg_class c join pg_class model on model.oid = to_regclass('due_jobs')
  where c.relnamespace = model.relnamespace and c.relowner = model.relowner and c.relkind in ('r', 'p')
    and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
             and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
  order by c.relname`;

const forbiddenTables = async (client: Client): Promise<readonly string[]> => {
  const { rows } = await client.query<{ readonly name: string }>(FORBIDDEN);
  return rows.map(({ name }) => name);
};

export type SchemaNeeds = {
  readonly migrations: readonly { readonly name: string }[];
  /** Whether this program brings the schema up to date itself. */
  readonly migrates: boolean;
};

/** The schema is there and up to date, or can be made so; rows of its tables may be changed. */
export const lookAtRights = async (
  client: Client,
  { migrations, migrates }: SchemaNeeds,
): Promise<Verdict> => {
  const pending = await pendingMigrations(client, migrations);
  const { role, schema, owner, is_owner: isOwner } = await placeOf(client);
  const asOwner = `Run "punctual migrate" with the connection string of ${owner === null ? 'a role that may make tables' : `the owner, ${owner}`}`;
  if (pending.length > 0 && !migrates)
    return {
      outcome: 'missing',
      found: `a schema without ${pending.join(', ')}, and MIGRATE=off`,
      remedy: `${asOwner}.`,
    };
  if (pending.length > 0 && (isOwner === false || !(await canMakeTables(client, schema))))
    return {
      outcome: 'missing',
      found: `no right of ${role} to make ${pending.join(', ')} in the schema "${schema}"`,
      remedy: `${asOwner} and set MIGRATE=off here, or: grant create on schema ${schema} to ${role}.`,
    };
  const forbidden = pending.length > 0 ? [] : await forbiddenTables(client);
  if (forbidden.length > 0)
    return {
      outcome: 'missing',
      found: `no right of ${role} to change rows of ${forbidden.slice(0, 5).join(', ')}${forbidden.length > 5 ? ' and others' : ''}`,
      remedy: `As their owner: grant select, insert, update, delete on all tables in schema ${schema} to ${role}.`,
    };
  return ok;
};

/** A due job lies in the partition of its month; who does not own the table cannot make one. */
export const lookAtPartitions = async (client: Client, now: number): Promise<Verdict> => {
  const { owner, is_owner: isOwner } = await placeOf(client);
  if (owner === null || isOwner === true) return ok;
  const { rows } = await client.query<{ readonly name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = to_regclass('due_jobs')`,
  );
  const present = new Set(rows.map(({ name }) => name));
  const wanted = monthsAhead(now).map(partitionOf);
  const missing = wanted.filter((name) => !present.has(name));
  const [first] = missing;
  if (first === undefined) return ok;
  return {
    outcome: wanted.indexOf(first) <= 1 ? 'missing' : 'reduced',
    found: `no partition ${first}, and no right to make it: a job that is due then would stand still`,
    remedy: `Run "punctual migrate" with the connection string of the owner, ${owner}: it makes them for two years ahead.`,
  };
};
