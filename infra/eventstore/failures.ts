import type { EventStoreDBClient } from '@eventstore/db-client';
import { ErrorType } from '@eventstore/db-client';
import type { RefusedBecause } from '../../domain/event-log';
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

const isDenied = (error: unknown): boolean => {
  const code = field(error, 'code');
  return (
    hasType(error, ErrorType.ACCESS_DENIED) ||
    code === PERMISSION_DENIED ||
    code === UNAUTHENTICATED
  );
};

const isTooLarge = (error: unknown): boolean =>
  hasType(error, ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED);

/** Why the server will never do it; undefined for what is our bug. */
export const refusalOf = (error: unknown): RefusedBecause | undefined => {
  if (isDenied(error)) return 'access-denied';
  return isTooLarge(error) ? 'too-large' : undefined;
};

/**
 * Judges what a call of the client rejected with.
 *
 * @param wasSent  whether the call itself had begun. Before that comes a question (what does the server support?)
 *   whose failures are those of a call that was never sent; after it, only a no that says so tells that nothing was
 *   done, whatever its number.
 */
export const failureOf = (error: unknown, wasSent: boolean): Failure => {
  if (isDenied(error) || isTooLarge(error)) return 'refused';
  const type = field(error, 'type');
  if (type === ErrorType.NOT_LEADER) return 'not-sent';
  if (type !== undefined && !UNKNOWN_OUTCOME.has(type)) return 'refused';
  if (OUR_BUGS.has(field(error, 'name'))) return 'refused';
  return wasSent ? 'unknown' : 'not-sent';
};

/** True for what the client does not recover from by itself: see `reconnect`. */
const isKeptByClient = (error: unknown): error is Error => {
  const code = field(error, 'code');
  return (
    error instanceof Error &&
    field(error, 'type') === undefined &&
    code !== UNAVAILABLE &&
    code !== CANCELLED
  );
};

/** Watches over the connection of a client. */
export type ClientHealer = {
  /** Looks at a failure: where the client would repeat it for ever, it connects again. */
  readonly failed: (error: unknown) => void;
  readonly answered: () => void;
  /** Whether any call was answered since then. */
  readonly hasHeardSince: (sinceMs: number) => boolean;
  /** A call got no answer in all its time. When no other got one meanwhile either, the client connects again. */
  readonly silent: (sinceMs: number) => void;
};

/**
 * One call that is never answered says nothing of the connection, and its neighbours are on the same: only a
 * connection on which nobody has heard anything for as long as a call may take is given up.
 */
export const clientHealer = (client: EventStoreDBClient): ClientHealer => {
  // all calls that wait for one kept answer are rejected with the same object: one new connection for all
  const seen = new WeakSet<Error>();
  let heardAtMs = 0;
  const renew = (waitingSinceMs: number): void => {
    reconnect(client, waitingSinceMs).catch(() => undefined); // no node found: the next call finds out again
  };
  return {
    failed: (error) => {
      if (!isKeptByClient(error) || seen.has(error)) return;
      seen.add(error);
      renew(performance.now());
    },
    answered: () => {
      heardAtMs = performance.now();
    },
    hasHeardSince: (sinceMs) => heardAtMs > sinceMs,
    silent: (sinceMs) => {
      if (heardAtMs > sinceMs) return;
      heardAtMs = performance.now(); // a new connection: those who wait with us find it
      renew(sinceMs);
    },
  };
};
