import { isQueueName, isUuid } from '../ids';
import { isVisibleText, lengthOf, normalised } from '../text';
import { parseTimestamp, type Instant, type TimestampProblem } from '../time';
import type { JobFilter } from './filter';
import {
  MAX_ERROR_CODE_LENGTH,
  MAX_OWNER_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_TAG_LENGTH,
} from './limits';
import { isJobStatus, type JobStatus } from './state';

export type TextProblem =
  | TimestampProblem
  | 'bad-parameter'
  | 'bad-id'
  | 'bad-queue'
  | 'invalid-unicode';

/** What no stored text has. */
const NO_TEXT = /[\0\p{Cs}]/u;

/** Reads what a user typed. */
export type TextReader<T> = (
  text: string,
) => { readonly value: T } | { readonly problem: TextProblem };

export const readInstant: TextReader<Instant> = (text) => {
  const parsed = parseTimestamp(text);
  return 'at' in parsed ? { value: parsed.at } : parsed;
};

/** A UUID in either case, as we write it: in lower case. */
export const readId: TextReader<string> = (text) => {
  const value = text.toLowerCase();
  return isUuid(value) ? { value } : { problem: 'bad-id' };
};

export const readQueue: TextReader<string> = (text) =>
  isQueueName(text) ? { value: text } : { problem: 'bad-queue' };

/** A text to compare with, in normal form C. */
export const readText =
  (maxLength: number): TextReader<string> =>
  (text) => {
    if (!isVisibleText(text)) return { problem: 'invalid-unicode' };
    const value = normalised(text);
    const isFitting = value !== '' && lengthOf(value) <= maxLength;
    return isFitting ? { value } : { problem: 'bad-parameter' };
  };

/** As an executor reported it: compared as it is, whatever its letters are. */
const readErrorCode: TextReader<string> = (text) => {
  if (NO_TEXT.test(text)) return { problem: 'invalid-unicode' };
  const isFitting = text !== '' && lengthOf(text) <= MAX_ERROR_CODE_LENGTH;
  return isFitting ? { value: text } : { problem: 'bad-parameter' };
};

export const readOwner = readText(MAX_OWNER_LENGTH);

/** One or more, parted by commas. */
const readStatuses: TextReader<readonly JobStatus[]> = (text) => {
  const asked = text.split(',');
  return asked.every(isJobStatus)
    ? { value: [...new Set(asked)].sort() }
    : { problem: 'bad-parameter' };
};

const readers: { readonly [F in keyof JobFilter]-?: TextReader<NonNullable<JobFilter[F]>> } = {
  ownerId: readOwner,
  status: readStatuses,
  from: readInstant,
  to: readInstant,
  tag: readText(MAX_TAG_LENGTH),
  queue: readQueue,
  scheduleId: readId,
  errorCode: readErrorCode,
  q: readText(MAX_SEARCH_LENGTH),
};

export type FilterField = keyof JobFilter;

export const filterFields = Object.keys(readers) as readonly FilterField[]; // a record has the keys of its type

/**
 * What a list is to be narrowed by, wherever it was typed.
 *
 * @returns the filter, or the first field that is wrong; `bad-window`: `to` is before `from`
 */
export const readFilter = (
  texts: Readonly<Partial<Record<FilterField, string | undefined>>>,
):
  | { readonly filter: JobFilter }
  | { readonly field: FilterField; readonly problem: TextProblem | 'bad-window' } => {
  const values: Partial<Record<FilterField, unknown>> = {};
  for (const field of filterFields) {
    const text = texts[field];
    if (text === undefined) continue;
    const read = readers[field](text);
    if ('problem' in read) return { field, problem: read.problem };
    values[field] = read.value;
  }
  const filter = values as JobFilter; // each value comes from the reader of its field
  const { from = -Infinity, to = Infinity } = filter;
  return from > to ? { field: 'to', problem: 'bad-window' } : { filter };
};
