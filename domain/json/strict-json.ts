import { isLosslessNumber } from './lossless-number';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  containerEnd,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  stringEnds,
  without,
  type Span,
} from './spans';

/** Levels of nesting that a document from outside may have. */
export const MAX_JSON_LEVELS = 32;

export type JsonShape = {
  readonly maxLevels: number;
  /**
   * Where keys may have any name, also one that objects inherit: nowhere else than in an opaque `payload` that
   * stands at this nesting level, counted from 1; or everywhere, for who looks at known keys only.
   */
  readonly freeKeys: { readonly payloadLevel: number } | 'everywhere';
};

export type JsonFlaw =
  | 'too-deep'
  | 'duplicate-key'
  | 'forbidden-key'
  | 'out-of-range'
  | 'invalid-unicode';

/** What is wrong with one place of a document, as a JSON pointer. */
export type JsonFinding = { readonly pointer: string; readonly code: JsonFlaw };

/** `findings`: what is wrong with single keys and values of a document that can be read; what is too deep reads as null. */
export type StrictJson =
  | { readonly value: unknown; readonly findings: readonly JsonFinding[] }
  | { readonly problem: JsonFlaw | 'invalid-json' };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/** A document with this many findings is refused as a whole: no honest one has them. */
const MAX_FINDINGS = 1_000;

/** More findings below one place, two levels deep, tell nothing new: an item of a list does not fill the list of all. */
const MAX_FINDINGS_AT_ONE_PLACE = 10;

const LONE_SURROGATE = /\p{Cs}/u;

const COMMA = 0x2c;
const MINUS = 0x2d;

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

/** Where a scan is: per nesting level the key or index, and the keys seen so far. */
const trail = ({ freeKeys, maxLevels }: JsonShape) => {
  const payloadLevel = freeKeys === 'everywhere' ? 0 : freeKeys.payloadLevel;
  const findings: JsonFinding[] = [];
  const keysSeen: (Set<string> | undefined)[] = [];
  const path: (string | number)[] = [];
  let level = 0;
  let isOpaque = freeKeys === 'everywhere';
  let lastPlace = '';
  let foundThere = 0;
  const find = (code: JsonFlaw): void => {
    const place = `${path[0]}/${path[1]}`;
    foundThere = place === lastPlace ? foundThere + 1 : 1;
    lastPlace = place;
    if (foundThere > MAX_FINDINGS_AT_ONE_PLACE) return;
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

type Scan = { readonly findings: readonly JsonFinding[]; readonly tooDeep: readonly Span[] };

/** One pass without recursion. Grammar is not its concern: JSON.parse judges that. */
const scan = (text: string, shape: JsonShape): Scan | JsonFlaw | 'invalid-json' => {
  const endOf = stringEnds(text);
  const tooDeep: Span[] = [];
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
      if (!open(isKeyNext)) {
        const end = containerEnd(text, at, endOf);
        if (end < 0) return 'too-deep';
        find('too-deep');
        tooDeep.push({ start: at, end });
        isKeyNext = false;
        at = end;
      }
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      isKeyNext = false;
      close();
    } else if (code === COMMA) {
      isKeyNext = comma();
    } else if (isDigit(code) || code === MINUS) {
      const start = at;
      while (isNumberPart(text.charCodeAt(at + 1))) at += 1;
      if (!isLosslessNumber(text.slice(start, at + 1))) find('out-of-range');
    }
    if (findings.length === MAX_FINDINGS) return findings[0]?.code ?? 'invalid-json';
  }
  return { findings, tooDeep };
};

/**
 * Reads JSON where JSON.parse is too kind: nesting, repeated keys, keys that objects inherit, numbers
 * and texts that cannot be kept as they are. Linear in the length of the text.
 */
export const parseStrictJson = (text: string, shape: JsonShape): StrictJson => {
  const scanned = scan(text, shape);
  if (typeof scanned === 'string') return { problem: scanned };
  const { findings, tooDeep } = scanned;
  try {
    const value: unknown = JSON.parse(without(text, tooDeep));
    return { value, findings };
  } catch {
    return { problem: 'invalid-json' };
  }
};
