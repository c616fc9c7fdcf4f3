const DURATION =
  /^([+-])?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;

const UNITS_MS = [7 * 24 * 60 * 60_000, 24 * 60 * 60_000, 60 * 60_000, 60_000, 1_000];

/** A span of time in ms, as ISO 8601 writes it, with a sign in front where it is negative; undefined for what is none. Years and months have no length. */
export const parseSpan = (text: string): number | undefined => {
  const parts = DURATION.exec(text);
  if (!parts || /[PT]$/.test(text)) return undefined;
  const [sign, ...numbers] = parts.slice(1);
  const fraction = Number((numbers[5] ?? '').padEnd(3, '0'));
  const ms = UNITS_MS.reduce((sum, unit, n) => sum + Number(numbers[n] ?? 0) * unit, fraction);
  return sign === '-' ? -ms : ms;
};

/** The same span as a text, in days, hours, minutes and seconds. */
export const writeSpan = (spanMs: number): string => {
  let left = Math.abs(spanMs);
  const [days = 0, hours = 0, minutes = 0] = UNITS_MS.slice(1, 4).map((unit) => {
    const whole = Math.floor(left / unit);
    left -= whole * unit;
    return whole;
  });
  const time = [
    hours > 0 ? `${hours}H` : '',
    minutes > 0 ? `${minutes}M` : '',
    left > 0 ? `${left / 1_000}S` : '',
  ].join('');
  const date = days > 0 ? `${days}D` : '';
  if (date === '' && time === '') return 'PT0S';
  return `${spanMs < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`;
};
