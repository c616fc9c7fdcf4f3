import { parseAsOf, type AsOf, type AsOfProblem } from '../../domain/audit/as-of';
import { isUuid } from '../../domain/ids';
import type { JobFilter } from '../../domain/job/filter';
import { isJobStatus, jobStatuses } from '../../domain/job/status';
import { parseTimestamp, type Instant } from '../../domain/time';
import { UsageError } from '../verb';

const problems: Readonly<Record<AsOfProblem, string>> = {
  'bad-timestamp': 'is neither an RFC 3339 time such as 2026-11-23T10:00:00Z nor a log position',
  'offset-required': 'has no offset from UTC: end it in Z or in +02:00',
  'bad-position': 'is beyond all log positions',
  'as-of-in-future': 'has not come yet: ask for a time that has passed',
};

/** @throws UsageError */
export const readMoment = (text: string, now: Instant): AsOf => {
  const parsed = parseAsOf(text, now);
  if ('asOf' in parsed) return parsed.asOf;
  throw new UsageError(`--at ${JSON.stringify(text)} ${problems[parsed.problem]}`);
};

/** @throws UsageError when it is left out */
export const requireMoment = (text: string | undefined, now: Instant): AsOf => {
  if (text === undefined) throw new UsageError('--at is missing: give a time or a log position');
  return readMoment(text, now);
};

/** The one argument that is no flag. @throws UsageError */
export const readJobId = ([text, another]: readonly string[]): string => {
  if (text === undefined || another !== undefined) throw new UsageError('give one job id');
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new UsageError(`${JSON.stringify(text)} is no job id: it is a UUID`);
  return id;
};

/** For `parseArgs`: what a list is narrowed by. */
export const filterFlags = {
  owner: { type: 'string' },
  status: { type: 'string' },
  tag: { type: 'string' },
  queue: { type: 'string' },
  schedule: { type: 'string' },
  q: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
} as const;

type FilterValues = { readonly [K in keyof typeof filterFlags]?: string | undefined };

const readTime = (flag: string, text: string | undefined): Instant | undefined => {
  if (text === undefined) return undefined;
  const parsed = parseTimestamp(text);
  if ('at' in parsed) return parsed.at;
  throw new UsageError(`--${flag} ${JSON.stringify(text)} is no RFC 3339 time with an offset`);
};

/** @throws UsageError */
export const readFilter = (given: FilterValues): JobFilter => {
  const status = given.status?.split(',');
  if (status && !status.every(isJobStatus))
    throw new UsageError(
      `--status ${JSON.stringify(given.status)} is none of ${jobStatuses.join(', ')}`,
    );
  if (given.schedule !== undefined && !isUuid(given.schedule))
    throw new UsageError(`--schedule ${JSON.stringify(given.schedule)} is no UUID in lower case`);
  const [from, to] = [readTime('from', given.from), readTime('to', given.to)];
  return {
    ...(given.owner !== undefined && { ownerId: given.owner }),
    ...(status && { status }),
    ...(given.tag !== undefined && { tag: given.tag }),
    ...(given.queue !== undefined && { queue: given.queue }),
    ...(given.schedule !== undefined && { scheduleId: given.schedule }),
    ...(given.q !== undefined && { q: given.q }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
};

/** Absent: all of them. @throws UsageError */
export const readLimit = (text: string | undefined): { readonly limit?: number } => {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`--limit ${JSON.stringify(text)} is not a whole number from 1 on`);
  return { limit: Number(text) };
};
