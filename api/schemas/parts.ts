import { Type, type IntegerOptions } from '@sinclair/typebox';

/** For what comes in: a property that is not named is refused. */
export const strict = { additionalProperties: false };

export const oneOf = <const T extends string>(
  values: readonly T[],
  more: { readonly description?: string; readonly default?: T } = {},
) => Type.Unsafe<T>({ type: 'string', enum: [...values], ...more });

export const optionalInteger = (minimum: number, maximum: number, more: IntegerOptions = {}) =>
  Type.Optional(Type.Integer({ minimum, maximum, ...more }));

export const integerOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description });

export const timestamp = Type.String({ format: 'date-time', description: 'UTC, milliseconds.' });

export const timestampOrNull = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  format: 'date-time',
  description: 'Null until it happens.',
});

export const jobError = Type.Object({ code: Type.String(), message: Type.String() });

export const position = Type.String({
  pattern: '^-?[0-9]+$',
  description: 'Place in the whole log. A query with ?after= it sees this change.',
});

export const actor = Type.Object({
  kind: oneOf(['user', 'operator', 'executor', 'system']),
  id: Type.String(),
});
