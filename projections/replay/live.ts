import { NOTHING_APPLIED } from '../writing/checkpoint';
import type { LogMark } from '../reading/log-place';
import { mismatchText, type Mismatch } from '../audit/same-log';
import { MARK_COLUMNS, storedMark, type StoredMark } from '../stored-mark';
import { sendOne, type WriteSession } from '../writing/write-session';

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

const markIn = async (
  control: WriteSession,
  projection: string,
  lock: string,
): Promise<LogMark | undefined> => {
  if (!(await exists(control, 'checkpoint'))) return undefined;
  const { rows } = await sendOne(control, {
    text: `select ${MARK_COLUMNS} from checkpoint c where c.projection = $1 ${lock}`,
    values: [projection],
  });
  const [row] = rows;
  return row && (storedMark(row as StoredMark) ?? { position: NOTHING_APPLIED }); // the columns of the statement
};

/** Where the live projector is; undefined when its checkpoint is lost. */
export const liveMark = (control: WriteSession, projection: string): Promise<LogMark | undefined> =>
  markIn(control, projection, '');

/** The same, and the live projector waits until the transaction ends: its first statement moves that row. */
export const lockLiveMark = (
  control: WriteSession,
  projection: string,
): Promise<LogMark | undefined> => markIn(control, projection, 'for update');

const liveSystem = async (control: WriteSession): Promise<string | undefined> => {
  if (!(await exists(control, 'system'))) return undefined;
  const { rows } = await sendOne(control, { text: 'select system_id from system' });
  const systemId = rows[0]?.['system_id'];
  return typeof systemId === 'string' ? systemId : undefined;
};

/**
 * @param systemId  what the log names
 * @throws Error when the live tables are another system's: to exchange them would take them away from it
 */
export const checkLiveSystem = async (
  control: WriteSession,
  systemId: string | undefined,
): Promise<void> => {
  const readModel = await liveSystem(control);
  if (readModel === undefined || readModel === systemId) return;
  const mismatch: Mismatch =
    systemId === undefined
      ? { kind: 'unnamed-log', readModel }
      : { kind: 'other-system', readModel, log: systemId };
  const { found, remedy } = mismatchText(mismatch);
  throw new Error(`there is ${found}. ${remedy}`);
};

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
