import type { FieldError } from '../problem';
import type { ProblemCode } from '../problem-catalogue';
import { isExactNumber } from './exact-number';

/** At which nesting level, counted from 1, the opaque `payload` may stand, and how many levels there may be. */
export type JsonShape = { readonly payloadLevel: number; readonly maxLevels: number };

/** `findings`: what is wrong with single keys and values of a document that can be read. */
export type StrictJson =
  | { readonly value: unknown; readonly findings: readonly FieldError[] }
  | { readonly problem: ProblemCode };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/** A document with this many findings is refused as a whole: no honest one has them. */
const MAX_FINDINGS = 1_000;

const LONE_SURROGATE = /\p{Cs}/u;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Digits and any of `.eE+-`. */
const isNumberPart = (code: number): boolean =>
  isDigit(code) ||
  code === 0x2e ||
  code === 0x65 ||
  code === 0x45 ||
  code === 0x2b ||
  code === MINUS;

const escapePointer = (place: string | number): string =>
  String(place).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

/** Finds where strings end. Looks at each character once, however many escapes there are. */
const stringEnds = (text: string): ((start: number) => number) => {
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

/** Where a scan is: per nesting level the key or index, and the keys seen so far. */
const trail = ({ payloadLevel, maxLevels }: JsonShape) => {
  const findings: FieldError[] = [];
  const keysSeen: (Set<string> | undefined)[] = [];
  const path: (string | number)[] = [];
  let level = 0;
  let isOpaque = false;
  const find = (code: ProblemCode): void => {
    const pointer = path
      .slice(0, level)
      .map((place) => `/${escapePointer(place)}`)
      .join('');
    findings.push({ pointer, code });
  };
  return {
    findings,
    find,
    /** False when there is no level left. */
    open: (isObject: boolean): boolean => {
      if (level === maxLevels) return false;
      keysSeen[level] = isObject ? new Set() : undefined;
      path[level] = isObject ? '' : 0;
      level += 1;
      return true;
    },
    close: (): void => {
      if (level > 0) level -= 1;
    },
    /** True when a key comes next. */
    comma: (): boolean => {
      const place = path[level - 1];
      if (typeof place !== 'number') return true;
      path[level - 1] = place + 1;
      return false;
    },
    key: (key: string): void => {
      const keys = keysSeen[level - 1];
      if (level === 0 || !keys) return;
      path[level - 1] = key;
      if (level <= payloadLevel) isOpaque = level === payloadLevel && key === 'payload';
      if (!isOpaque && FORBIDDEN_KEYS.has(key)) find('forbidden-key');
      if (keys.has(key)) find('duplicate-key');
      else keys.add(key);
    },
  };
};

/** One pass without recursion. Grammar is not its concern: JSON.parse judges that. */
const scan = (text: string, shape: JsonShape): readonly FieldError[] | ProblemCode => {
  const endOf = stringEnds(text);
  const { findings, find, open, close, comma, key } = trail(shape);
  let isKeyNext = false;

  /** Undefined for a string that is no JSON. */
  const stringAt = (start: number, end: number): string | undefined => {
    const raw = text.slice(start + 1, end);
    // without an escape it comes from valid UTF-8, and the parser refuses raw control characters
    if (!raw.includes('\\')) return raw;
    try {
      const read = String(JSON.parse(`"${raw}"`));
      if (read.includes('\0') || LONE_SURROGATE.test(read)) find('invalid-unicode');
      return read;
    } catch {
      return undefined;
    }
  };

  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOf(at);
      const string = end < 0 ? undefined : stringAt(at, end);
      if (string === undefined) return 'invalid-json';
      if (isKeyNext) key(string);
      isKeyNext = false;
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      isKeyNext = code === OPEN_OBJECT;
      if (!open(isKeyNext)) return 'too-deep';
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      isKeyNext = false;
      close();
    } else if (code === COMMA) {
      isKeyNext = comma();
    } else if (isDigit(code) || code === MINUS) {
      const start = at;
      while (isNumberPart(text.charCodeAt(at + 1))) at += 1;
      if (!isExactNumber(text.slice(start, at + 1))) find('out-of-range');
    }
    if (findings.length === MAX_FINDINGS) return findings[0]?.code ?? 'invalid-json';
  }
  return findings;
};

/**
 * Reads JSON where JSON.parse is too kind: nesting, repeated keys, keys that objects inherit, numbers
 * and texts that cannot be kept as they are. Linear in the length of the text.
 */
export const parseStrictJson = (text: string, shape: JsonShape): StrictJson => {
  const findings = scan(text, shape);
  if (typeof findings === 'string') return { problem: findings };
  try {
    const value: unknown = JSON.parse(text);
    return { value, findings };
  } catch {
    return { problem: 'invalid-json' };
  }
};
