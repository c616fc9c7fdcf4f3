import type { Client } from 'pg';
import { connector } from './connect';

/** A connection that is kept for what belongs to its session: a LISTEN, an advisory lock. */
export type Session = {
  readonly client: Client;
  /** Resolves with the reason when the connection is gone, asked or not. */
  readonly lost: Promise<Error>;
  readonly close: () => Promise<void>;
};

export type SessionOptions = {
  readonly url: string;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
  /** How often the server is asked whether it is still there; by default 3 s. */
  readonly heartbeatEveryMs?: number;
};

const HEARTBEAT_EVERY_MS = 3_000;
/** A server that takes longer than this for an answer counts as gone. */
const ANSWER_TIMEOUT_MS = 3_000;
/** The server ends a session that was silent for so many beats. */
const SILENT_BEATS = 4;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Opens a session and watches it: each side finds out within seconds when the other is frozen or cut
 * off. So a program that was stopped for longer has lost what its session held.
 *
 * @throws Error when the server cannot be reached
 */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const { url, applicationName, heartbeatEveryMs = HEARTBEAT_EVERY_MS } = options;
  const client = await connector({
    url,
    applicationName,
    settings: { idle_session_timeout: heartbeatEveryMs * SILENT_BEATS },
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  })();
  const lost = new Promise<Error>((resolve) => {
    client.on('error', resolve);
    client.once('end', () => {
      resolve(new Error('the connection has ended'));
    });
  });
  const stopBeating = beatEvery(client, heartbeatEveryMs);
  void lost.then(stopBeating);
  return { client, lost, close: () => closeWithin(client, CLOSE_TIMEOUT_MS) };
};

/** Ends the connection when a beat is not answered. @returns how to stop it */
const beatEvery = (client: Client, everyMs: number): (() => void) => {
  let isStopped = false;
  const beat = (): void => {
    client.query('select 1').then(beatLater, () => {
      void closeWithin(client, CLOSE_TIMEOUT_MS);
    });
  };
  const beatLater = (): void => {
    if (!isStopped) timer = setTimeout(beat, everyMs);
  };
  let timer = setTimeout(beat, everyMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
};

/** Says goodbye, and waits for the answer only so long: a half-open connection never gives one. */
const closeWithin = async (client: Client, timeoutMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([client.end(), timeout]);
  clearTimeout(timer);
};
