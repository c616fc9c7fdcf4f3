import { setTimeout as sleep } from 'node:timers/promises';
import { SchemaLockedError, type WriterSession } from '../store/storage';
import type { Log } from './log';

const retryMs = { first: 50, last: 2_000 };
/** On a full disk each commit costs a session, and the next one opens at once: one pair of lines in so long. */
const tellAgainMs = 30_000;

export type SessionsDeps = {
  readonly openWriter: () => Promise<WriterSession>;
  readonly log: Log;
  /** Makes ready to write; a session that it rejects is closed. */
  readonly onOpen: (session: WriterSession) => Promise<void>;
  /** Resolves when nothing of the lost session is under way. */
  readonly onLost: () => Promise<void>;
};

export type Sessions = {
  /** Drops a session whose state is in doubt; the next one finds out what was stored. */
  readonly giveUp: (session: WriterSession) => void;
  readonly close: () => Promise<void>;
};

/**
 * Opens a writer session and, each time it is lost, another one.
 *
 * @throws the error of the first opening; later ones are retried with backoff until `close`
 */
export const keepSession = async (deps: SessionsDeps): Promise<Sessions> => {
  const { openWriter, log, onOpen, onLost } = deps;
  const closing = new AbortController();
  let current: WriterSession | undefined;
  let reopening: Promise<void> | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  const open = async (): Promise<void> => {
    const opened = await openWriter();
    try {
      await onOpen(opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
    current = opened;
    void opened.lost.then(() => giveUp(opened));
  };

  const reopen = async (): Promise<void> => {
    const isTold = performance.now() - toldAtMs >= tellAgainMs;
    if (isTold) {
      toldAtMs = performance.now();
      log('warn', 'storage is away: appends are answered as unknown until it is back');
    }
    await onLost();
    for (let waitMs = retryMs.first; ; waitMs = Math.min(2 * waitMs, retryMs.last)) {
      await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      try {
        await open();
        if (isTold) log('info', 'storage is back');
        return;
      } catch (error) {
        if (error instanceof SchemaLockedError) log('warn', error.message);
      }
    }
  };

  const giveUp = (session: WriterSession): void => {
    if (session !== current) return;
    current = undefined;
    void session.close();
    if (!closing.signal.aborted) reopening = reopen();
  };

  await open();

  return {
    giveUp,
    close: async () => {
      closing.abort();
      await reopening;
      await current?.close();
    },
  };
};
