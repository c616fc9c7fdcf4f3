import type { EventStoreDBClient } from '@eventstore/db-client';
import { ErrorType } from '@eventstore/db-client';
import { reconnect } from './client-defects';

/**
 * What a failed call says about its effect.
 * - `refused`: a no that stays a no, or our bug
 * - `not-sent`: no server has taken it
 * - `unknown`: it may or may not have been done
 */
export type Failure = 'refused' | 'not-sent' | 'unknown';

/** gRPC status codes, as numbers on the wire. */
const CANCELLED = 1;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const UNKNOWN_OUTCOME: ReadonlySet<unknown> = new Set([
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.UNKNOWN,
]);

const OUR_BUGS: ReadonlySet<unknown> = new Set(['TypeError', 'RangeError', 'ReferenceError']);

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

export const hasType = (error: unknown, type: ErrorType): boolean => field(error, 'type') === type;

const isDiscoveryFailure = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Failed to discover');

/**
 * Judges what a call of the client rejected with.
 *
 * A raw gRPC error, with a numeric `code` and without the client's `type`, comes from the question that
 * precedes a call (what does the server support?), so the call itself was never sent.
 */
export const failureOf = (error: unknown): Failure => {
  const type = field(error, 'type');
  if (type === ErrorType.NOT_LEADER) return 'not-sent';
  if (type !== undefined) return UNKNOWN_OUTCOME.has(type) ? 'unknown' : 'refused';
  const code = field(error, 'code');
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED) return 'refused';
  if (typeof code === 'number' || isDiscoveryFailure(error)) return 'not-sent';
  return OUR_BUGS.has(field(error, 'name')) ? 'refused' : 'unknown';
};

/** True for what the client does not recover from by itself: see `reconnect`. */
const isKeptByClient = (error: unknown): error is Error => {
  const code = field(error, 'code');
  return (
    error instanceof Error &&
    field(error, 'type') === undefined &&
    code !== UNAVAILABLE &&
    code !== CANCELLED &&
    !isDiscoveryFailure(error)
  );
};

/** Looks at each failure of a client and makes it connect anew where it would repeat that failure for ever. */
export const clientHealer = (client: EventStoreDBClient): ((error: unknown) => void) => {
  // all calls that wait for one kept answer are rejected with the same object: one new connection for all
  const seen = new WeakSet<Error>();
  return (error) => {
    if (!isKeptByClient(error) || seen.has(error)) return;
    seen.add(error);
    reconnect(client).catch(() => undefined); // no node found: the next call finds out again
  };
};
