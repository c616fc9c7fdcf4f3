import { problemCatalogue, type ProblemCode } from './problem-catalogue';

/** Where in the request it is wrong: a JSON pointer into the body, or the name of a query parameter. */
export type FieldError = (
  | { readonly pointer: string; readonly code: ProblemCode }
  | { readonly parameter: string; readonly code: ProblemCode }
) & {
  /** What is wrong, as a sentence, where that is more than the code tells. */
  readonly reason?: string;
};

/** A request that is not carried out. What the catalogue says of its code goes without saying. */
export type Refusal = {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Parsed<T> = { readonly value: T } | { readonly refusal: Refusal };

export const refuse = (
  code: ProblemCode,
  more: Omit<Refusal, 'code'> = {},
): { refusal: Refusal } => ({
  refusal: { code, ...more },
});

export const statusOf = ({ code }: Refusal): number => problemCatalogue[code].status;

/** At most this many errors are told of one request. */
const ERRORS_TOLD = 50;

/** An RFC 9457 problem document. */
export const problemDocument = (
  { code, detail, errors, members }: Refusal,
  about: { readonly instance: string; readonly requestId?: string },
): object => {
  const known = problemCatalogue[code];
  return {
    type: `/problems/${code}`,
    title: known.title,
    status: known.status,
    detail: detail ?? known.detail,
    ...about,
    ...(errors && { errors: errors.slice(0, ERRORS_TOLD) }),
    ...members,
  };
};

/** The refusal for all of the errors: malformed (400) goes before well-formed but wrong (422). */
export const refusalOf = (errors: readonly FieldError[]): Refusal | undefined => {
  const [first, ...others] = errors;
  if (!first) return undefined;
  const gravest = others.reduce(
    (worst, error) =>
      problemCatalogue[error.code].status < problemCatalogue[worst.code].status ? error : worst,
    first,
  );
  return { code: gravest.code, errors };
};

/** The same for a body that does not fit its schema. */
export const bodyRefusal = (errors: readonly FieldError[]): Refusal =>
  refusalOf(errors) ?? { code: 'invalid-body' };
