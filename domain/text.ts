/** Control, format (bidirectional, zero-width, tags), line and paragraph separators, lone surrogates. */
const REFUSED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const PLAIN = /^[\x20-\x7e]*$/;

/** Whether people can see all of a text's characters: what a list or a log line may show. */
export const isVisibleText = (text: string): boolean => PLAIN.test(text) || !REFUSED.test(text);

/** NFC, so that texts that look the same are the same. */
export const normalised = (text: string): string =>
  PLAIN.test(text) ? text : text.normalize('NFC');

/** Code points, as JSON Schema counts. */
export const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
};
