import type { JobEvent, JobEventType } from '../job/events';
import type { JobDefinition } from '../job/definition';
import type { Instant } from '../time';

/** A job's event as the audit reads it: its fields are of the types that they claim to be, whatever they say. */
export type AuditedEvent = JobEvent & {
  /** When it was recorded. */
  readonly at: Instant;
  readonly revision: number;
  readonly position: number;
  /** Its `dueAt`, or `retryAt` of a failed attempt; NaN when it has none. */
  readonly dueAt: Instant;
};

export type AuditedOf<T extends JobEventType> = Extract<AuditedEvent, { readonly type: T }>;

type Fields = Readonly<Record<string, unknown>>;
type Is = (value: unknown) => boolean;

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
/** A log is in the order of time: most timestamps are of the day of the one before. */
let lastDay = { text: '', startMs: Number.NaN };

const dayStart = (text: string): number => {
  if (text !== lastDay.text)
    lastDay = { text, startMs: DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN };
  return lastDay.startMs;
};

/** The number of some digits of a text; NaN when they are none. */
const digitsAt = (text: string, from: number, end: number): number => {
  let number = 0;
  for (let i = from; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
};

/** Exactly as events write it; NaN for anything else, which `Date.parse` would guess at, and twice as slowly. */
export const exactInstant = (text: unknown): Instant => {
  if (typeof text !== 'string' || text.length !== 24) return Number.NaN;
  const isMarked =
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z';
  const hour = digitsAt(text, 11, 13);
  const minute = digitsAt(text, 14, 16);
  const second = digitsAt(text, 17, 19);
  if (!isMarked || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return (
    dayStart(text.slice(0, 10)) +
    ((hour * 60 + minute) * 60 + second) * 1_000 +
    digitsAt(text, 20, 23)
  );
};

const isText: Is = (value) => typeof value === 'string';
const isCount: Is = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isAttempt: Is = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const isTime: Is = (value) => !Number.isNaN(exactInstant(value));
const isTexts: Is = (value) => Array.isArray(value) && value.every(isText);
const isObject: Is = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCause: Is = (value) =>
  value === 'reported' ||
  value === 'timed-out' ||
  value === 'executor-lost' ||
  value === 'undeliverable';
const isRetry: Is = (value) => isObject(value) && isAttempt((value as Fields)['maxAttempts']);
const optional =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);

type Shape = readonly (readonly [field: string, is: Is])[];

const definition: Readonly<Record<Exclude<keyof JobDefinition, 'payload'>, Is>> = {
  ownerId: isText,
  name: isText,
  location: isText,
  queue: isText,
  timeoutMs: isCount,
  retry: isRetry,
  cutoffMs: isCount,
  maxLatenessMs: optional(isCount),
  tags: isTexts,
  scheduleId: optional(isText),
  occurrenceAt: optional(isText),
};

/** The fields of design.md, section 4, without those that hold anybody's JSON or a reason. */
const shapes: Readonly<Record<JobEventType, Shape>> = {
  JobScheduled: [['dueAt', isTime], ...Object.entries(definition)],
  JobRescheduled: [
    ['dueAt', isTime],
    ['previousDueAt', isTime],
  ],
  JobCancelled: [['dueAt', isTime]],
  JobDispatched: [
    ['attempt', isAttempt],
    ['dueAt', isTime],
  ],
  JobRedispatched: [
    ['attempt', isAttempt],
    ['delivery', isCount],
  ],
  JobStarted: [
    ['attempt', isAttempt],
    ['executorId', isText],
  ],
  JobSucceeded: [['attempt', isAttempt]],
  JobAttemptFailed: [
    ['attempt', isAttempt],
    ['cause', isCause],
    ['error', isObject],
    ['seenMs', optional(isCount)],
    ['retryAt', optional(isTime)],
  ],
  JobFailed: [
    ['attempts', isAttempt],
    ['error', isObject],
  ],
  JobExpired: [
    ['dueAt', isTime],
    ['maxLatenessMs', isCount],
  ],
  JobRedriven: [['dueAt', isTime]],
  JobAbortRequested: [],
  JobAborted: [['attempt', isAttempt]],
};

export const isJobEventType = (type: string): type is JobEventType => Object.hasOwn(shapes, type);

/** Name of the first field that is missing or of another kind; undefined when all are there. */
export const badFieldOf = (type: JobEventType, data: Fields): string | undefined => {
  for (const [field, is] of shapes[type]) if (!is(data[field])) return field;
  return undefined;
};
