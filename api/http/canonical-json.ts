import { hash } from 'node:crypto';

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** The value as JSON with sorted keys: equal values, equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted);

/** SHA-256, hexadecimal. */
export const digestOf = (...parts: readonly string[]): string =>
  hash('sha256', JSON.stringify(parts), 'hex');
