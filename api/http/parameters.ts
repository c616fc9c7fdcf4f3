import { isForecastStep, type ForecastStep } from '../../domain/forecast';
import { isQueueName, isUuid } from '../../domain/ids';
import type { JobStatus } from '../../domain/job/state';
import { isJobStatus } from '../../domain/job/status';
import { parseTimestamp, type Instant } from '../../domain/time';
import { LIMITS } from '../access/limits';
import { refuse, type Parsed } from './problem';
import type { ProblemCode } from './problem-catalogue';
import { isVisibleText, lengthOf, normalised } from '../../domain/text';

const wrong = (parameter: string, code: ProblemCode): { refusal: { code: ProblemCode } } =>
  refuse(code, { errors: [{ parameter, code }] });

type Reader<T> = (text: string, name: string) => Parsed<T>;

/** A parameter that may be left out and may not come twice. */
export const optional = <T>(
  query: URLSearchParams,
  name: string,
  read: Reader<T>,
): Parsed<T | undefined> => {
  const [text, more] = query.getAll(name);
  if (text === undefined) return { value: undefined };
  return more === undefined ? read(text, name) : wrong(name, 'bad-parameter');
};

export const readTimestamp: Reader<Instant> = (text, name) => {
  const parsed = parseTimestamp(text);
  return 'problem' in parsed ? wrong(name, parsed.problem) : { value: parsed.at };
};

/** A text to compare with, in normal form C. */
export const readText =
  (maxLength: number): Reader<string> =>
  (text, name) => {
    if (!isVisibleText(text)) return wrong(name, 'invalid-unicode');
    const value = normalised(text);
    const isFitting = value !== '' && lengthOf(value) <= maxLength;
    return isFitting ? { value } : wrong(name, 'bad-parameter');
  };

export const readQueue: Reader<string> = (text, name) =>
  isQueueName(text) ? { value: text } : wrong(name, 'bad-queue');

export const readStep: Reader<ForecastStep> = (text, name) =>
  isForecastStep(text) ? { value: text } : wrong(name, 'bad-parameter');

/** A UUID in either case, as we write it: in lower case. */
export const readId: Reader<string> = (text, name) => {
  const id = text.toLowerCase();
  return isUuid(id) ? { value: id } : wrong(name, 'bad-id');
};

export const readLimit: Reader<number> = (text, name) => {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LIMITS.pageLimit ? { value: limit } : wrong(name, 'bad-limit');
};

const MAX_POSITION = 2n ** 63n - 1n;

export const readPosition: Reader<bigint> = (text, name) => {
  const position = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  return position >= 0n && position <= MAX_POSITION
    ? { value: position }
    : wrong(name, 'bad-position');
};

/** `status` may come more than once, and with several values parted by commas. */
export const readStatuses = (query: URLSearchParams): Parsed<readonly JobStatus[] | undefined> => {
  const asked = query.getAll('status').flatMap((text) => text.split(','));
  if (asked.length === 0) return { value: undefined };
  return asked.every(isJobStatus)
    ? { value: [...new Set(asked)].sort() }
    : wrong('status', 'bad-parameter');
};
