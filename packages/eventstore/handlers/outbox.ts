import type { Call } from '../transport/call';

/** What one write may hold: little enough that a stalled peer costs next to nothing, enough for full speed. */
const writeBytes = 512 * 1024;

/** Messages on their way to a peer, at the peer's pace. */
export const outbox = (call: Call) => {
  let messages: Buffer[] = [];
  let bytes = 0;

  /** Sends what is queued and waits until the peer has room; false when the call is over. */
  const flush = async (): Promise<boolean> => {
    call.send(messages);
    messages = [];
    bytes = 0;
    await call.drained();
    return !call.signal.aborted;
  };

  return {
    flush,
    /** Queues a message; true when it is time to flush. */
    add: (message: Buffer): boolean => {
      messages.push(message);
      bytes += message.length;
      return bytes >= writeBytes;
    },
  };
};

export type Outbox = ReturnType<typeof outbox>;
