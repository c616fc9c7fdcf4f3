import type { Reader } from 'protobufjs/minimal';

/** An unsigned 64-bit number as text, as the generated classes give it. */
export const readUint64 = (reader: Reader): string => {
  // a Long, whose type protobufjs imports in a way that does not resolve here
  const value = reader.uint64() as { readonly toString: () => string };
  return value.toString();
};
