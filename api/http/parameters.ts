import { parseAsOf, type AsOf } from '../../domain/audit/as-of';
import { isForecastStep, type ForecastStep } from '../../domain/forecast';
import type { JobFilter } from '../../domain/job/filter';
import {
  filterFields,
  readFilter,
  readId,
  readInstant,
  readOwner,
  type FilterField,
} from '../../domain/job/read-filter';
import type { Clock, Instant } from '../../domain/time';
import { LIMITS } from '../access/limits';
import { isOperator } from '../access/principal';
import { refuse, type Parsed } from './problem';
import type { ProblemCode } from './problem-catalogue';
import type { Call } from './route';

const wrong = (parameter: string, code: ProblemCode): Parsed<never> =>
  refuse(code, { errors: [{ parameter, code }] });

type Reader<T> = (text: string) => { readonly value: T } | { readonly problem: ProblemCode };

const readAs = <T>(name: string, text: string, read: Reader<T>): Parsed<T> => {
  const found = read(text);
  return 'problem' in found ? wrong(name, found.problem) : found;
};

/** The job that the path names. */
export const jobIdOf = ({ params }: Call): Parsed<string> =>
  readAs('jobId', params['jobId'] ?? '', readId);

/** The schedule that the path names. */
export const scheduleIdOf = ({ params }: Call): Parsed<string> =>
  readAs('scheduleId', params['scheduleId'] ?? '', readId);

/** The operation that the path names. */
export const operationIdOf = ({ params }: Call): Parsed<string> =>
  readAs('operationId', params['operationId'] ?? '', readId);
/** The webhook that the path names. */
export const webhookIdOf = ({ params }: Call): Parsed<string> =>
  readAs('webhookId', params['webhookId'] ?? '', readId);

/** The instant that the path names. */
export const instantIn = ({ params }: Call, name: string): Parsed<Instant> =>
  readAs(name, params[name] ?? '', readInstant);

/** A parameter that may be left out and may not come twice. */
export const optional = <T>(
  { query }: Call,
  name: string,
  read: Reader<T>,
): Parsed<T | undefined> => {
  const [text, more] = query.getAll(name);
  if (text === undefined) return { value: undefined };
  return more === undefined ? readAs(name, text, read) : wrong(name, 'bad-parameter');
};

export const readStep: Reader<ForecastStep> = (text) =>
  isForecastStep(text) ? { value: text } : { problem: 'bad-parameter' };

export const readLimit: Reader<number> = (text) => {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= LIMITS.pageLimit ? { value } : { problem: 'bad-limit' };
};

const MAX_POSITION = 2n ** 63n - 1n;

export const readPosition: Reader<bigint> = (text) => {
  const value = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  return value >= 0n && value <= MAX_POSITION ? { value } : { problem: 'bad-position' };
};

/** A moment of the past: undefined for the present. */
export const readAsOf = (call: Call, { now }: Clock, name = 'asOf'): Parsed<AsOf | undefined> =>
  optional(call, name, (text) => {
    const parsed = parseAsOf(text, now());
    return 'asOf' in parsed ? { value: parsed.asOf } : parsed;
  });

/** Whose jobs are asked for: one's own, or for an operator anybody's. */
export const ownerOf = (call: Call): Parsed<string | undefined> => {
  const { principal } = call;
  const asked = optional(call, 'ownerId', readOwner);
  if ('refusal' in asked || isOperator(principal)) return asked;
  const isForeign = asked.value !== undefined && asked.value !== principal.id;
  return isForeign ? refuse('forbidden') : { value: principal.id };
};

/** Several values, which may come parted by commas or more than once. */
export const several = <T>(
  { query }: Call,
  name: string,
  read: Reader<T>,
): Parsed<T | undefined> => {
  const texts = query.getAll(name);
  return texts.length === 0 ? { value: undefined } : readAs(name, texts.join(','), read);
};

/** What a list is narrowed by; `status` may come more than once. */
export const filterOf = (call: Call): Parsed<JobFilter> => {
  const ownerId = ownerOf(call);
  if ('refusal' in ownerId) return ownerId;
  const texts: Partial<Record<FilterField, string>> = {};
  for (const field of filterFields) {
    const given = field === 'ownerId' ? [] : call.query.getAll(field);
    if (given.length > 1 && field !== 'status') return wrong(field, 'bad-parameter');
    if (given.length > 0) texts[field] = given.join(',');
  }
  const read = readFilter(texts);
  if ('problem' in read) return wrong(read.field, read.problem);
  return {
    value: { ...(ownerId.value !== undefined && { ownerId: ownerId.value }), ...read.filter },
  };
};

type Values<T> = { readonly [K in keyof T]: T[K] extends Parsed<infer V> ? V : never };

/** All of the values, or the first refusal. */
export const together = <T extends Readonly<Record<string, Parsed<unknown>>>>(
  parsed: T,
): Parsed<Values<T>> => {
  const values: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(parsed)) {
    if ('refusal' in one) return one;
    values[name] = one.value;
  }
  // the keys are those of T, and each value comes from its Parsed
  return { value: values as Values<T> };
};

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The record without its undefined values. */
export const withoutUndefined = <T extends object>(record: T): Defined<T> =>
  // dropping the undefined ones is what the type says
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
