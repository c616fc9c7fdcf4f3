import type { OpenWriteSession } from '../writing/write-session';

/** Sessions whose statements, however long they take, are left when the signal aborts. Close them then: the server rolls back. */
export const interruptible =
  (open: OpenWriteSession, signal: AbortSignal): OpenWriteSession =>
  async () => {
    signal.throwIfAborted();
    const session = await open();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(new Error('it was told to end'));
        },
        { once: true },
      );
    });
    aborted.catch(() => undefined); // nobody may be waiting
    return {
      send: (statements) => Promise.race([session.send(statements), aborted]),
      close: session.close,
    };
  };
