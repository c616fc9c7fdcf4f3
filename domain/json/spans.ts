export const QUOTE = 0x22;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** From a bracket to the one that closes it. */
export type Span = { readonly start: number; readonly end: number };

/** Finds where strings end. Looks at each character once, however many escapes there are. */
export const stringEnds = (text: string): ((start: number) => number) => {
  let nextBackslash = -1;
  const backslashFrom = (at: number): number => {
    if (nextBackslash < at) {
      const found = text.indexOf('\\', at);
      nextBackslash = found < 0 ? Number.MAX_SAFE_INTEGER : found;
    }
    return nextBackslash;
  };
  return (start) => {
    let from = start + 1;
    let quote = text.indexOf('"', from);
    while (quote >= 0) {
      const backslash = backslashFrom(from);
      if (backslash >= quote) return quote;
      from = backslash + 2;
      if (quote < from) quote = text.indexOf('"', from);
    }
    return -1;
  };
};

/** Where the container that begins at `start` ends; -1 when nothing closes it. */
export const containerEnd = (
  text: string,
  start: number,
  endOf: (start: number) => number,
): number => {
  let level = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOf(at);
      if (at < 0) return -1;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) level += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      level -= 1;
      if (level === 0) return at;
    }
  }
  return -1;
};

/** The text with null for each span, so that no parser ever meets what is too deep. */
export const without = (text: string, spans: readonly Span[]): string => {
  if (spans.length === 0) return text;
  const kept = spans.map(({ start }, index) =>
    text.slice((spans[index - 1]?.end ?? -1) + 1, start),
  );
  return `${kept.join('null')}null${text.slice((spans.at(-1)?.end ?? -1) + 1)}`;
};
