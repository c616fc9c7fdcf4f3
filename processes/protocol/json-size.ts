/** Of a number, a flag or a null, and of what holds each value, key and string. */
const VALUE_BYTES = 16;

/**
 * About what a value of JSON takes in memory, in bytes: enough to bound what is held. Texts count by their length,
 * so a large one costs no more than a small one.
 */
export const jsonSizeBytes = (value: unknown): number => {
  const left: unknown[] = [value];
  let bytes = 0;
  while (left.length > 0) {
    const next = left.pop();
    bytes += VALUE_BYTES;
    if (typeof next === 'string') bytes += next.length;
    else if (Array.isArray(next)) for (const item of next) left.push(item);
    else if (typeof next === 'object' && next !== null)
      for (const [key, item] of Object.entries(next)) {
        bytes += key.length;
        left.push(item);
      }
  }
  return bytes;
};
