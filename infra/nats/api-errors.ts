import { ErrorCode, NatsError } from 'nats';

/** JetStream's own code for what it refused; undefined for everything else, such as no answer. */
export const apiCodeOf = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

/** The client's name for what went wrong. */
export const clientCodeOf = (error: unknown): string | undefined =>
  error instanceof NatsError ? error.code : undefined;

/** The broker does not let this user do it. */
export const isDenied = (error: unknown): boolean =>
  clientCodeOf(error) === String(ErrorCode.PermissionsViolation);

/** Gives undefined for the answers that say: there is no such thing. */
export const unlessMissing = async <T>(
  answer: Promise<T>,
  codes: ReadonlySet<number>,
): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    const code = apiCodeOf(error);
    if (code !== undefined && codes.has(code)) return undefined;
    throw error;
  }
};
