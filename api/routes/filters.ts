import { optional, readText } from '../http/parameters';
import { isOperator } from '../access/principal';
import { refuse, type Parsed } from '../http/problem';
import type { Call } from '../http/route';

/** Whose jobs are asked for: one's own, or for an operator anybody's. */
export const ownerOf = ({ principal, query }: Call): Parsed<string | undefined> => {
  const asked = optional(query, 'ownerId', readText(255));
  if ('refusal' in asked || isOperator(principal)) return asked;
  const isForeign = asked.value !== undefined && asked.value !== principal.id;
  return isForeign ? refuse('forbidden') : { value: principal.id };
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
