const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Significant digits and the power of ten of the last one; undefined for what is no number. */
const decimalOf = (token: string): { digits: string; exponent: number } | undefined => {
  const parts = DECIMAL.exec(token);
  if (!parts) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const all = whole + fraction;
  let end = all.length;
  while (end > 0 && all.charCodeAt(end - 1) === 48) end -= 1;
  let start = 0;
  while (start < end && all.charCodeAt(start) === 48) start += 1;
  return {
    digits: all.slice(start, end),
    exponent: Number(exponent) - fraction.length + all.length - end,
  };
};

/** Any decimal of up to 15 digits survives as a 64-bit float. */
const SAFE_LENGTH = 15;

/**
 * Whether a JSON number means the same after it was read as a 64-bit float and written again: no
 * overflow, no lost digit, no -0. Anything that is no JSON number is left to the parser.
 */
export const isExactNumber = (token: string): boolean => {
  const value = Number(token);
  if (Number.isNaN(value)) return true;
  if (value === 0 && token.startsWith('-')) return false;
  if (token.length <= SAFE_LENGTH && !/e/i.test(token)) return true;
  if (!Number.isFinite(value)) return false;
  const asked = decimalOf(token);
  const kept = decimalOf(String(value));
  if (!asked || !kept) return true;
  const isZero = asked.digits === '' && kept.digits === '';
  return isZero || (asked.digits === kept.digits && asked.exponent === kept.exponent);
};
