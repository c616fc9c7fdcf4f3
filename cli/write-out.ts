import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/** As the value of `--out`. */
export const STDOUT = '-';

/** Waits while the other side is full. */
export type Write = (text: string) => Promise<void>;

/**
 * Writes where `--out` says: to stdout, or to a file that appears when it is whole and is `.part` until then.
 *
 * @param work  writes all of it
 */
export const writeOut = async <Result>(
  out: string,
  stdout: Writable,
  work: (write: Write) => Promise<Result>,
): Promise<Result> => {
  if (out === STDOUT)
    return await work(async (text) => {
      if (!stdout.write(text)) await once(stdout, 'drain');
    });
  const part = `${out}.part`;
  const file = await open(part, 'w');
  let result: Result;
  try {
    result = await work((text) => file.appendFile(text, 'utf8'));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, out);
  return result;
};
