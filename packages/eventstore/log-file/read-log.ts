import { BadLineError, parseLine, type Line } from './line';
import { linesOf } from './lines';
import type { NumberedEvent } from './placing';

export type ReadEvent = {
  readonly event: NumberedEvent;
  /** Up to the end of its line. */
  readonly readBytes: number;
};

const parseAt = (number: number, text: string): Line => {
  try {
    return parseLine(text);
  } catch (error) {
    if (!(error instanceof BadLineError)) throw error;
    throw new BadLineError(`line ${number}: ${error.message}`, { cause: error });
  }
};

/**
 * The events of an export, each when its line is read.
 *
 * @throws BadLineError with the number of the first line that is cut, garbled or missing
 */
export async function* readLog(chunks: AsyncIterable<Buffer>): AsyncGenerator<ReadEvent> {
  let [readBytes, events] = [0, 0];
  let hasEnded = false;
  for await (const { number, text, bytes } of linesOf(chunks)) {
    if (hasEnded) throw new BadLineError(`line ${number}: it follows the last line`);
    const line = parseAt(number, text);
    readBytes += bytes;
    if (line.kind === 'event') {
      events += 1;
      yield { event: { ...line.event, line: number }, readBytes };
      continue;
    }
    hasEnded = true;
    if (line.events !== events)
      throw new BadLineError(
        `line ${number}: ${line.events} events were written, ${events} are here`,
      );
  }
  if (!hasEnded)
    throw new BadLineError(`line ${events + 1}: the file ends before its last line: it was cut`);
}
