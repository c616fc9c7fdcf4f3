import { pause } from '../../runtime/backoff';
import type { Json } from '../../../domain/job/definition';
import type { Handler } from '../ports';

const field = (payload: Json | undefined, name: string): number => {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return 0;
  const value = Object.entries(payload).find(([key]) => key === name)?.[1];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
};

/** Joins what is written in one turn of the event loop: a write to a pipe holds up the program. */
export const linesTogether = (write: (text: string) => void): ((line: string) => void) => {
  let lines = '';
  return (line) => {
    if (lines === '')
      setImmediate(() => {
        const text = lines;
        lines = '';
        write(text);
      });
    lines += line;
  };
};

/**
 * Runs `print:` jobs, the ones to try Punctual with: writes the line `{user} {job id}`.
 *
 * Payload, all optional: `{"sleepMs": 500}` takes half a second first; `{"failTimes": 2}` makes the first two
 * attempts fail, so that a retry or a dead letter can be watched.
 */
export const printHandler =
  (write: (line: string) => void): Handler =>
  async ({ jobId, ownerId, attempt, payload }, signal) => {
    const sleepMs = field(payload, 'sleepMs');
    if (sleepMs > 0) await pause(sleepMs, signal);
    signal.throwIfAborted();
    const failTimes = field(payload, 'failTimes');
    if (attempt <= failTimes) {
      const message = `attempt ${attempt} of ${failTimes} that are to fail`;
      return { status: 'failed', error: { code: 'asked-to-fail', message } };
    }
    write(`${ownerId} ${jobId}\n`);
    return { status: 'succeeded' };
  };
