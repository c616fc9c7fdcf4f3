import { parseStrictJson, type JsonShape, type StrictJson } from './strict-json';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const textOf = (bytes: Uint8Array): string | undefined => {
  // UTF-16 without a byte-order mark is valid UTF-8 full of NULs
  if (bytes[0] === 0 || bytes[1] === 0) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

/** The gate for every JSON that comes from outside: bytes that must be UTF-8 and strict JSON. */
export const readJson = (
  bytes: Uint8Array,
  shape: JsonShape,
): StrictJson | { readonly problem: 'invalid-utf8' } => {
  const text = textOf(bytes);
  return text === undefined ? { problem: 'invalid-utf8' } : parseStrictJson(text, shape);
};
