import { parseAsOf, type AsOf, type AsOfProblem } from '../domain/audit/as-of';
import { isUuid } from '../domain/ids';
import type { JobFilter } from '../domain/job/filter';
import {
  MAX_ERROR_CODE_LENGTH,
  MAX_OWNER_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_TAG_LENGTH,
} from '../domain/job/limits';
import { readFilter, type FilterField } from '../domain/job/read-filter';
import { jobStatuses } from '../domain/job/state';
import { parseTimestamp, type Instant } from '../domain/time';
import { UsageError } from './verb';

/** An RFC 3339 timestamp. @throws UsageError */
export const instantFrom = (flag: string, text: string): Instant => {
  const parsed = parseTimestamp(text);
  if ('at' in parsed) return parsed.at;
  throw new UsageError(`--${flag} ${text} is no timestamp: write it as 2027-03-29T02:30:00Z`);
};

/** Of the times that a log has for its events: units of 100 ns. */
export const TICKS_PER_MS = 10_000n;

export type Place = { readonly position: bigint } | { readonly ticks: bigint };

/** A place in the log: digits are a position, else it is a time. @throws UsageError */
export const placeFrom = (flag: string, text: string): Place => {
  if (/^\d{1,19}$/.test(text)) return { position: BigInt(text) };
  const time = parseTimestamp(text);
  if ('at' in time) return { ticks: BigInt(time.at) * TICKS_PER_MS };
  throw new UsageError(
    `--${flag} ${text} is neither a position nor a time with an offset, such as 2026-11-23T10:00:00Z`,
  );
};

const momentProblems: Readonly<Record<AsOfProblem, string>> = {
  'bad-timestamp': 'is neither an RFC 3339 time such as 2026-11-23T10:00:00Z nor a log position',
  'offset-required': 'has no offset from UTC: end it in Z or in +02:00',
  'bad-position': 'is beyond all log positions',
  'as-of-in-future': 'has not come yet: ask for a time that has passed',
};

/** What `--at` says. @throws UsageError */
export const momentFrom = (text: string, now: Instant): AsOf => {
  const parsed = parseAsOf(text, now);
  if ('asOf' in parsed) return parsed.asOf;
  throw new UsageError(`--at ${JSON.stringify(text)} ${momentProblems[parsed.problem]}`);
};

/** What has an id. */
export type Named = 'job' | 'schedule' | 'operation' | 'webhook';

/** The one argument that is no flag. @throws UsageError */
export const idFrom = (what: Named, [text, another]: readonly string[]): string => {
  if (text === undefined || another !== undefined) throw new UsageError(`give one ${what} id`);
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new UsageError(`${JSON.stringify(text)} is no ${what} id: it is a UUID`);
  return id;
};

/** A whole number. @throws UsageError */
export const wholeFrom = (flag: string, text: string, least = 1, most?: number): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= least && value <= (most ?? value)) return value;
  const range = `from ${least} ${most === undefined ? 'on' : `to ${most}`}`;
  throw new UsageError(`--${flag} ${text} is no whole number ${range}`);
};

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `250ms`, `30s`, `5m`, `1h`, `2d` or `0`, in milliseconds. @throws UsageError */
export const durationMsFrom = (flag: string, text: string): number => {
  const [, amount, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (text === '0') return 0;
  if (amount !== undefined) return Number(amount) * (unitMs[unit] ?? 0);
  throw new UsageError(`--${flag} ${text} is no duration: write it as 250ms, 30s, 5m, 1h or 2d`);
};

/** For `parseArgs`: what a list is narrowed by. */
export const filterFlags = {
  owner: { type: 'string' },
  status: { type: 'string' },
  tag: { type: 'string' },
  queue: { type: 'string' },
  schedule: { type: 'string' },
  'error-code': { type: 'string' },
  q: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

type Given = { readonly [K in keyof typeof filterFlags]?: string | undefined };

const textUpTo = (length: number): string => `is no visible text of 1 to ${length} characters`;
const noTime = 'is no timestamp with an offset: write it as 2027-03-29T02:30:00Z';

const filterProblems: Readonly<Record<FilterField, string>> = {
  ownerId: textUpTo(MAX_OWNER_LENGTH),
  status: `is none of ${jobStatuses.join(', ')}`,
  from: noTime,
  to: noTime,
  tag: textUpTo(MAX_TAG_LENGTH),
  queue: 'is no name that a queue can have',
  scheduleId: 'is no UUID',
  errorCode: `is no text of 1 to ${MAX_ERROR_CODE_LENGTH} characters`,
  q: textUpTo(MAX_SEARCH_LENGTH),
};

/** @throws UsageError */
export const filterFrom = ({ owner, schedule, ...given }: Given): JobFilter => {
  const { status, from, to, tag, queue, q, 'error-code': errorCode } = given;
  const texts = {
    ownerId: owner,
    status,
    from,
    to,
    tag,
    queue,
    scheduleId: schedule,
    errorCode,
    q,
  };
  const read = readFilter(texts);
  if ('filter' in read) return read.filter;
  const { field, problem } = read;
  const flag =
    { ownerId: 'owner', scheduleId: 'schedule', errorCode: 'error-code' }[field as string] ?? field;
  const why = problem === 'bad-window' ? 'is before --from' : filterProblems[field];
  throw new UsageError(`--${flag} ${JSON.stringify(texts[field])} ${why}`);
};
