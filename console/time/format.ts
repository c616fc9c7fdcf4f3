const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a hundred times as long as using it. */
const formatter = (
  zone: string,
  kind: string,
  options: Intl.DateTimeFormatOptions,
  locale?: string,
): Intl.DateTimeFormat => {
  const key = `${zone} ${kind}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  formatters.set(key, made);
  return made;
};

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;

/** `08:25:48` */
export const clockTime = (at: number, zone: string): string =>
  formatter(zone, 'clock', CLOCK).format(at);

/** `08:25` */
export const hourMinute = (at: number, zone: string): string =>
  formatter(zone, 'minute', { hour: '2-digit', minute: '2-digit' }).format(at);

/** A time on the clocks of whoever wrote it, `02:30` or `02:30:15`, as the reader writes times. */
export const wallClock = (time: string): string => {
  const at = Date.parse(`1970-01-01T${time}Z`);
  return at % MINUTE_MS === 0 ? hourMinute(at, 'UTC') : clockTime(at, 'UTC');
};

/** `08:25:48.004` */
export const exactClockTime = (at: number, zone: string): string =>
  formatter(zone, 'exact', { ...CLOCK, fractionalSecondDigits: 3 }).format(at);

/** `Mon 30 Nov`, with the year when it is another one. */
export const day = (at: number, zone: string, now: number): string => {
  const isThisYear =
    formatter(zone, 'year', { year: 'numeric' }).format(at) ===
    formatter(zone, 'year', { year: 'numeric' }).format(now);
  return formatter(zone, isThisYear ? 'day' : 'day-year', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  }).format(at);
};

export const isSameDay = (one: number, other: number, zone: string): boolean => {
  const days = formatter(zone, 'date', { year: 'numeric', month: '2-digit', day: '2-digit' });
  return days.format(one) === days.format(other);
};

/** `08:25:48` today, `Mon 30 Nov, 08:25:48` on other days. */
export const moment = (at: number, zone: string, now: number): string =>
  isSameDay(at, now, zone) ? clockTime(at, zone) : `${day(at, zone, now)}, ${clockTime(at, zone)}`;

/** By how much the clocks of a zone are ahead of UTC, in ms. */
export const offsetMs = (at: number, zone: string): number => {
  const name = formatter(zone, 'offset', { timeZoneName: 'longOffset' }, 'en-US')
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  const size = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS;
  return sign === '-' ? -size : size;
};

/** `CET`, `GMT+5:30` */
const zoneName = (at: number, zone: string): string =>
  formatter(zone, 'zone', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? zone;

/** All that can be said of an instant: date, time to the millisecond, zone, and the same in UTC. */
export const fullMoment = (at: number, zone: string): string => {
  const date = formatter(zone, 'full', { dateStyle: 'full' }).format(at);
  return `${date}, ${exactClockTime(at, zone)} ${zoneName(at, zone)}\n${new Date(at).toISOString()}`;
};

/** `Saturday, 28 November 2026, 08:25:48` */
export const dayAndTime = (at: number, zone: string): string =>
  `${formatter(zone, 'full', { dateStyle: 'full' }).format(at)}, ${clockTime(at, zone)}`;

const whole = new Intl.NumberFormat();
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** `12,408.5`: a tenth at most. */
export const number = (value: number): string => tenths.format(value);

/** `12,408` */
export const count = (value: number): string => whole.format(value);

const inTwo = (
  ms: number,
  [large, largeUnit]: [number, string],
  [small, smallUnit]: [number, string],
) => {
  const rest = Math.floor((ms % large) / small);
  const first = `${whole.format(Math.floor(ms / large))} ${largeUnit}`;
  return rest === 0 ? first : `${first} ${rest} ${smallUnit}`;
};

/** `9 ms`, `1.8 s`, `3 min 5 s`, `23 h 12 min`, `3 d 4 h`: never more than matters. */
export const span = (ms: number): string => {
  const long = Math.abs(ms);
  if (long < SECOND_MS) return `${Math.round(long)} ms`;
  if (long < 10 * SECOND_MS) return `${tenths.format(Math.floor(long / 100) / 10)} s`;
  if (long < MINUTE_MS) return `${Math.floor(long / SECOND_MS)} s`;
  if (long < HOUR_MS) return inTwo(long, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (long < DAY_MS) return inTwo(long, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return inTwo(long, [DAY_MS, 'd'], [HOUR_MS, 'h']);
};

const coarse = (long: number): string => {
  if (long < MINUTE_MS) return `${Math.floor(long / SECOND_MS)} s`;
  if (long < HOUR_MS) return `${Math.floor(long / MINUTE_MS)} min`;
  // of 1 h 59 min an hour is half the truth
  return long < 10 * HOUR_MS
    ? inTwo(long, [HOUR_MS, 'h'], [MINUTE_MS, 'min'])
    : `${Math.floor(long / HOUR_MS)} h`;
};

/** `in 4 min`, `14 s ago`, `now`; the date when it is more than a day away. */
export const relative = (at: number, now: number, zone: string): string => {
  const away = at - now;
  if (Math.abs(away) < SECOND_MS) return 'now';
  if (Math.abs(away) >= DAY_MS) return day(at, zone, now);
  return away > 0 ? `in ${coarse(away)}` : `${coarse(-away)} ago`;
};

/** The time of day under a relative time: with the weekday where it is another day and that is not said already. */
export const under = (at: number, now: number, zone: string): string =>
  isSameDay(at, now, zone) || Math.abs(at - now) >= DAY_MS
    ? clockTime(at, zone)
    : `${formatter(zone, 'weekday', { weekday: 'short' }).format(at)} ${clockTime(at, zone)}`;

const UTC_MOMENT = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3}) UTC/g;

/** A sentence of the server, whose times are those of UTC, with those of a zone. */
export const inZone = (sentence: string, zone: string, now: number): string =>
  sentence.replaceAll(UTC_MOMENT, (_all, date: string, time: string) => {
    const at = Date.parse(`${date}T${time}Z`);
    const clock = exactClockTime(at, zone);
    return isSameDay(at, now, zone) ? clock : `${day(at, zone, now)}, ${clock}`;
  });
