import { sendOne, type Statement, type StatementResult, type WriteSession } from './write-session';

export const BEGIN: Statement = { text: 'begin' };
export const COMMIT: Statement = { text: 'commit' };

/** Begins a part of a transaction that can be taken back without the rest. */
export const SAVE_PART: Statement = { text: 'savepoint part' };
export const ROLL_BACK_PART: readonly Statement[] = [
  { text: 'rollback to savepoint part' },
  { text: 'release savepoint part' },
];
export const KEEP_PART: Statement = { text: 'release savepoint part' };

/**
 * Runs work that may begin a transaction, and rolls back when it throws. The work begins and commits by
 * itself, so that both can share a flight with other statements.
 */
export const orRollback = async <T>(session: WriteSession, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    // fails only with the connection, and then the server rolls back by itself: the first error says more
    await sendOne(session, { text: 'rollback' }).catch(noResult);
    throw error;
  }
};

const noResult = (): StatementResult => ({ rows: [], rowCount: 0 });

export const inTransaction = <T>(session: WriteSession, work: () => Promise<T>): Promise<T> =>
  orRollback(session, async () => {
    await sendOne(session, BEGIN);
    const result = await work();
    await sendOne(session, COMMIT);
    return result;
  });
