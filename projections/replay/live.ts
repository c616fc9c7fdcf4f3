import { sendOne, type WriteSession } from '../write-session';

/** Name of the schema that the connection string leads to. @throws Error when there is none */
export const liveSchema = async (control: WriteSession): Promise<string> => {
  const { rows } = await sendOne(control, { text: 'select current_schema() as name' });
  const name = rows[0]?.['name'];
  if (typeof name !== 'string')
    throw new Error(
      'the schema of the read model is gone: create schema public, then replay again',
    );
  return name;
};

/** Whether this session is the only one that replays into this schema; it stays so until it closes. */
export const tryReplayLock = async (control: WriteSession): Promise<boolean> => {
  const { rows } = await sendOne(control, {
    text: `select pg_try_advisory_lock(hashtextextended(
             'punctual replay ' || current_schema(), 0)) as locked`,
  });
  return rows[0]?.['locked'] === true;
};

const exists = async (control: WriteSession, table: string): Promise<boolean> => {
  const { rows } = await sendOne(control, {
    text: `select to_regclass(quote_ident(current_schema()) || '.' || $1) is not null as found`,
    values: [table],
  });
  return rows[0]?.['found'] === true;
};

const positionIn = async (
  control: WriteSession,
  projection: string,
  lock: string,
): Promise<bigint | undefined> => {
  if (!(await exists(control, 'checkpoint'))) return undefined;
  const { rows } = await sendOne(control, {
    text: `select position from checkpoint where projection = $1 ${lock}`,
    values: [projection],
  });
  const [row] = rows;
  return row && BigInt(String(row['position']));
};

/** Where the live projector is; undefined when its checkpoint is lost. */
export const livePosition = (
  control: WriteSession,
  projection: string,
): Promise<bigint | undefined> => positionIn(control, projection, '');

/** The same, and the live projector waits until the transaction ends: its first statement moves that row. */
export const lockLivePosition = (
  control: WriteSession,
  projection: string,
): Promise<bigint | undefined> => positionIn(control, projection, 'for update');

/**
 * @param build  the migrations of this build
 * @throws Error when the live tables are those of another build: an exchange would mix the two
 */
export const checkLiveBuild = async (control: WriteSession, build: string): Promise<void> => {
  if (!(await exists(control, 'knex_migrations'))) return;
  const { rows } = await sendOne(control, {
    text: `select coalesce(string_agg(name, ' ' order by name), '') as build from knex_migrations`,
  });
  const live = String(rows[0]?.['build']);
  if (live !== build)
    throw new Error(
      `the live tables are of another build (${live || 'none'}): start a process of this build, which migrates them, then replay`,
    );
};
