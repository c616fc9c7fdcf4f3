import { setTimeout as sleep } from 'node:timers/promises';
import { withoutSchema } from './refusals';
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
    if (await tryLock(session, name, options))
      return { lost: session.lost, release: session.close };
  } catch (error) {
    await session.close();
    throw error;
  }
  await session.close();
  return undefined;
};

export type Patience = {
  /** Gives up after this long. */
  readonly withinMs: number;
  /** Told once the wait is long, and again each time that it has become as long again. */
  readonly onWait?: (sentence: string) => void;
  /** Gives up immediately when it aborts. */
  readonly signal?: AbortSignal;
};

/** A wait is worth a sentence from here on. */
const LONG_MS = 3_000;

/**
 * Waits until the lock is ours.
 *
 * @throws Error when the server is lost meanwhile, or in a sentence that names who has the lock when patience ends
 */
export const takeAdvisoryLock = async (
  options: SessionOptions,
  name: string,
  { withinMs, onWait, signal }: Patience,
): Promise<AdvisoryLock> => {
  const session = await openSession(options);
  const since = performance.now();
  let tellAtMs = LONG_MS;
  try {
    while (!(await tryLock(session, name, options))) {
      signal?.throwIfAborted();
      const waitedMs = performance.now() - since;
      if (waitedMs >= withinMs) throw new Error(await waitSentence(session, name, waitedMs));
      if (waitedMs >= tellAtMs) {
        onWait?.(await waitSentence(session, name, waitedMs));
        tellAtMs *= 2;
      }
      await sleep(ASK_EVERY_MS);
    }
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

const KEY = `hashtextextended('punctual ' || current_schema() || ' ' || $1, 0)`;

/** Null where there is no schema: that would never become true. */
const tryLock = async (
  { client }: Session,
  name: string,
  { url }: SessionOptions,
): Promise<boolean> => {
  const { rows } = await client.query<{ locked: boolean | null }>(
    `select pg_try_advisory_lock(${KEY}) as locked`,
    [name],
  );
  const locked = rows[0]?.locked ?? null;
  if (locked === null) throw withoutSchema(url);
  return locked;
};

/** A key of 64 bits is shown in two halves, both without a sign. */
const HOLDER = `
  select a.pid, a.application_name, a.usename
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and l.classid::bigint = (${KEY} >> 32) & 4294967295 and l.objid::bigint = ${KEY} & 4294967295`;

type HolderRow = {
  readonly pid: number;
  readonly application_name: string;
  readonly usename: string | null;
};

const waitSentence = async (
  { client }: Session,
  name: string,
  waitedMs: number,
): Promise<string> => {
  const { rows } = await client.query<HolderRow>(HOLDER, [name]);
  const [holder] = rows;
  const who = holder
    ? `server process ${holder.pid} (${holder.application_name}, user ${holder.usename ?? 'unknown'}) has it, which select pg_terminate_backend(${holder.pid}) ends`
    : 'nobody who can be named has it now';
  return `waited ${Math.round(waitedMs / 1_000)} s for the lock "${name}": ${who}`;
};
