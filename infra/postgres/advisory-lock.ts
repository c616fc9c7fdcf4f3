import { setTimeout as sleep } from 'node:timers/promises';
import { openSession, type Session, type SessionOptions } from './session';

export type AdvisoryLock = {
  /** Resolves with the reason when the lock is no longer ours, asked or not. */
  readonly lost: Promise<Error>;
  readonly release: () => Promise<void>;
};

/** How often one who waits asks again. A waiting statement would hold back `vacuum`. */
const ASK_EVERY_MS = 50;

/**
 * Takes a lock if nobody has it; it is ours until it is released or its connection ends.
 * Schemas have locks of their own.
 *
 * @throws Error when the server cannot be reached
 */
export const tryAdvisoryLock = async (
  options: SessionOptions,
  name: string,
): Promise<AdvisoryLock | undefined> => {
  const session = await openSession(options);
  try {
    if (await tryLock(session, name)) return { lost: session.lost, release: session.close };
  } catch (error) {
    await session.close();
    throw error;
  }
  await session.close();
  return undefined;
};

/** Waits until the lock is ours. @throws Error when the server is lost meanwhile */
export const takeAdvisoryLock = async (
  options: SessionOptions,
  name: string,
): Promise<AdvisoryLock> => {
  const session = await openSession(options);
  try {
    while (!(await tryLock(session, name))) await sleep(ASK_EVERY_MS);
    return { lost: session.lost, release: session.close };
  } catch (error) {
    await session.close();
    throw error;
  }
};

/** Calls `work` if nobody else is at it right now; gives whether it was called. The signal aborts when the lock is lost. */
export const exclusively =
  (options: SessionOptions, name: string) =>
  async (work: (lost: AbortSignal) => Promise<void>): Promise<boolean> => {
    const lock = await tryAdvisoryLock(options, name);
    if (!lock) return false;
    const losing = new AbortController();
    void lock.lost.then(() => {
      losing.abort();
    });
    try {
      await work(losing.signal);
      return true;
    } finally {
      await lock.release();
    }
  };

const tryLock = async ({ client }: Session, name: string): Promise<boolean> => {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('punctual ' || current_schema() || ' ' || $1, 0)) as locked`,
    [name],
  );
  return rows[0]?.locked === true;
};
