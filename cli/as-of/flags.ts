import type { JobFilter } from '../../domain/job/filter';
import { MAX_OWNER_LENGTH, MAX_SEARCH_LENGTH, MAX_TAG_LENGTH } from '../../domain/job/limits';
import { readFilter, type FilterField } from '../../domain/job/read-filter';
import { jobStatuses } from '../../domain/job/state';
import { UsageError } from '../verb';

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
} as const;

type Given = { readonly [K in keyof typeof filterFlags]?: string | undefined };

const textUpTo = (length: number): string => `is no visible text of 1 to ${length} characters`;
const noTime = 'is no RFC 3339 time with an offset';

const problems: Readonly<Record<FilterField, string>> = {
  ownerId: textUpTo(MAX_OWNER_LENGTH),
  status: `is none of ${jobStatuses.join(', ')}`,
  from: noTime,
  to: noTime,
  tag: textUpTo(MAX_TAG_LENGTH),
  queue: 'is no name that a queue can have',
  scheduleId: 'is no UUID',
  q: textUpTo(MAX_SEARCH_LENGTH),
};

/** @throws UsageError */
export const filterFrom = ({ owner, schedule, ...given }: Given): JobFilter => {
  const { status, from, to, tag, queue, q } = given;
  const texts = { ownerId: owner, status, from, to, tag, queue, scheduleId: schedule, q };
  const read = readFilter(texts);
  if ('filter' in read) return read.filter;
  const { field, problem } = read;
  const flag = { ownerId: 'owner', scheduleId: 'schedule' }[field as string] ?? field;
  const why = problem === 'bad-window' ? 'is before --from' : problems[field];
  throw new UsageError(`--${flag} ${JSON.stringify(texts[field])} ${why}`);
};
