import type { Actor } from '../events/metadata';
import { toTimestamp, type Instant } from '../time';

/** `2026-11-23 12:00:50.000 UTC` */
export const utc = (at: Instant): string => `${toTimestamp(at).slice(0, -1).replace('T', ' ')} UTC`;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const inUnits = (ms: number, large: [number, string], small: [number, string]): string => {
  const rest = Math.floor((ms % large[0]) / small[0]);
  const first = `${Math.floor(ms / large[0])} ${large[1]}`;
  return rest === 0 ? first : `${first} ${rest} ${small[1]}`;
};

/** A span of time with the two figures that matter: `850 ms`, `2.1 s`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h`. Never negative. */
export const duration = (spanMs: number): string => {
  const ms = Math.max(0, spanMs); // clocks of two machines differ
  if (ms < SECOND_MS) return `${ms} ms`;
  // cut, not rounded: 59.96 s is no 60.0 s
  if (ms < MINUTE_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR_MS) return inUnits(ms, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (ms < DAY_MS) return inUnits(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return inUnits(ms, [DAY_MS, 'd'], [HOUR_MS, 'h']);
};

/** A text from outside as it is when it is a plain word, else quoted, so that it can neither lie nor steer a terminal. */
export const word = (text: string): string =>
  /^[\w.:@/+-]+$/.test(text) ? text : JSON.stringify(text);

/** Always quoted: names, reasons, messages. */
export const quoted = (text: string): string => JSON.stringify(text);

export const who = ({ kind, id }: Actor): string =>
  kind === 'system' ? `the ${word(id)}` : `${kind} ${word(id)}`;

export const because = (reason: string | undefined): string =>
  reason === undefined ? '' : `, because ${quoted(reason)}`;

export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** When something comes, as seen at `at`. */
export const dueIn = (dueAt: Instant, at: Instant): string =>
  dueAt <= at ? 'at once' : `at ${utc(dueAt)}, in ${duration(dueAt - at)}`;

export const late = (at: Instant, dueAt: Instant): string =>
  at <= dueAt ? 'on time' : `${duration(at - dueAt)} late`;
