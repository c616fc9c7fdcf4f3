import { BadLineError } from './line';

/** Longer than the largest event that a server takes (16 MiB), in base64. */
const maxLineBytes = 32 * 1024 * 1024;
const newline = 0x0a;

export type TextLine = {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Of the line with its newline. */
  readonly bytes: number;
};

/**
 * Splits UTF-8 into lines.
 *
 * @throws BadLineError with the number of the line that is no UTF-8 or longer than any event
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });
  let number = 0;
  let rest: readonly Buffer[] = [];
  let restBytes = 0;
  const lineOf = (bytes: Buffer): TextLine => {
    number += 1;
    try {
      return { number, text: decoder.decode(bytes), bytes: bytes.length + 1 };
    } catch (error) {
      throw new BadLineError(`line ${number}: it is no UTF-8`, { cause: error });
    }
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      yield lineOf(Buffer.concat([...rest, chunk.subarray(from, at)]));
      [rest, restBytes, from] = [[], 0, at + 1];
    }
    const tail = chunk.subarray(from);
    restBytes += tail.length;
    if (restBytes > maxLineBytes)
      throw new BadLineError(`line ${number + 1}: it is longer than any event`);
    if (tail.length > 0) rest = [...rest, tail];
  }
  if (restBytes > 0) yield lineOf(Buffer.concat(rest));
}
