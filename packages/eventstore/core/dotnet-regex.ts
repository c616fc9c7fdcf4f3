/**
 * Filters carry regular expressions of .NET, which the real server runs. This gives the one of JavaScript that
 * matches the same texts. What has no equal (atomic groups, conditions, balancing groups, options other than at
 * the start, `x`) is refused rather than taken for something else.
 */
export const dotnetRegExp = (pattern: string): RegExp | undefined => {
  try {
    const options = /^\(\?([imns]+)\)/u.exec(pattern);
    const given = options?.[1] ?? '';
    const cursor: Cursor = { text: pattern, at: options?.[0].length ?? 0 };
    const source = translate(cursor, given.includes('m'), given.includes('s'));
    return new RegExp(
      source,
      `v${given.includes('i') ? 'i' : ''}${given.includes('s') ? 's' : ''}`,
    );
  } catch {
    return undefined; // not an expression of .NET, or none that JavaScript has
  }
};

type Cursor = { readonly text: string; at: number };

/** What .NET calls word characters and digits; to JavaScript they are those of ASCII. */
const wordCharacters = String.raw`\p{L}\p{Mn}\p{Nd}\p{Pc}`;
const word = `[${wordCharacters}]`;
const boundary = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
const notBoundary = `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
const digit = String.raw`\p{Nd}`;
const notDigit = String.raw`\P{Nd}`;

/** `$` also matches before a last line feed. */
const end = String.raw`(?=\n?$)`;

const outsideClasses: Readonly<Record<string, string>> = {
  d: digit,
  D: notDigit,
  w: word,
  W: `[^${wordCharacters}]`,
  b: boundary,
  B: notBoundary,
  A: '^',
  Z: end,
  z: '$',
};

const insideClasses: Readonly<Record<string, string>> = {
  d: digit,
  D: notDigit,
  w: wordCharacters,
  W: `[^${wordCharacters}]`,
};

/** Both languages read these alike. */
const common = /^(?:[sStnrfv]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[A-Za-z]|[pP]\{[^}]+\})/u;
const reference = /^(?:[1-9]\d*|k<\w+>)/u;
const control: Readonly<Record<string, string>> = { a: String.raw`\x07`, e: String.raw`\x1b` };

const literal = (character: string): string =>
  /[\^$\\.*+?()[\]{}|/]/u.test(character) ? `\\${character}` : character;

const literalInClass = (character: string): string =>
  /[\^$\\.*+?()[\]{}|/&\-!#%,:;<=>@`~]/u.test(character) ? `\\${character}` : character;

const take = (cursor: Cursor, expression: RegExp): string | undefined => {
  const found = expression.exec(cursor.text.slice(cursor.at))?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
};

const takeCharacter = (cursor: Cursor): string => {
  const code = cursor.text.codePointAt(cursor.at);
  if (code === undefined) throw new SyntaxError('the expression is cut off');
  const character = String.fromCodePoint(code);
  cursor.at += character.length;
  return character;
};

/** What follows a backslash. */
const escape = (cursor: Cursor, isInClass: boolean): string => {
  const shared = take(cursor, common) ?? (isInClass ? undefined : take(cursor, reference));
  if (shared !== undefined) return `\\${shared}`;
  const character = takeCharacter(cursor);
  const known = (isInClass ? insideClasses : outsideClasses)[character] ?? control[character];
  if (known !== undefined) return known;
  if (isInClass && character === 'b') return String.raw`\b`;
  if (/[\dA-Za-z]/u.test(character)) throw new SyntaxError(`unknown escape ${character}`);
  return isInClass ? literalInClass(character) : literal(character);
};

/** One member of a class, or one end of a range. */
const member = (cursor: Cursor): string => {
  const character = takeCharacter(cursor);
  return character === '\\' ? escape(cursor, true) : literalInClass(character);
};

/** A class whose `[` is taken; `[a-z-[aeiou]]` takes the second class from the first. */
const characterClass = (cursor: Cursor): string => {
  const negation = take(cursor, /^\^/u) ?? '';
  let members = '';
  do {
    if (take(cursor, /^-\[/u)) {
      const subtracted = characterClass(cursor);
      if (!take(cursor, /^\]/u))
        throw new SyntaxError('a subtraction is not the last of its class');
      return `[[${negation}${members}]--${subtracted}]`;
    }
    members += member(cursor);
    if (take(cursor, /^-(?=[^\][])/u)) members += `-${member(cursor)}`;
  } while (!take(cursor, /^\]/u));
  return `[${negation}${members}]`;
};

/** The start of a group whose `(` is taken. */
const group = (cursor: Cursor): string => {
  if (take(cursor, /^\?#[^)]*\)/u)) return '';
  const quoted = take(cursor, /^\?'\w+'/u);
  if (quoted) return `(?<${quoted.slice(2, -1)}>`;
  const known = take(cursor, /^\?(?:[:=!]|<[=!]|<\w+>)/u);
  if (known) return `(${known}`;
  if (cursor.text[cursor.at] === '?')
    throw new SyntaxError('a group that JavaScript does not have');
  return '(';
};

const translate = (cursor: Cursor, isMultiline: boolean, isSingleLine: boolean): string => {
  let source = '';
  while (cursor.at < cursor.text.length) {
    const quantifier = take(cursor, /^(?:[*+?]|\{\d+(?:,\d*)?\})/u);
    if (quantifier) {
      source += quantifier;
      continue;
    }
    const character = takeCharacter(cursor);
    if (character === '\\') source += escape(cursor, false);
    else if (character === '[') source += characterClass(cursor);
    else if (character === '(') source += group(cursor);
    else if (character === '.') source += isSingleLine ? '.' : String.raw`[^\n]`;
    else if (character === '^') source += isMultiline ? String.raw`(?<=^|\n)` : '^';
    else if (character === '$') source += isMultiline ? String.raw`(?=\n|$)` : end;
    else source += /[)|]/u.test(character) ? character : literal(character);
  }
  return source;
};
