import type { ExpectedRevision } from '../core/events';

/** gRPC status codes that the server answers. */
export const grpcStatus = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type GrpcStatus = (typeof grpcStatus)[keyof typeof grpcStatus];

/** Ends a call with a status and with the trailers that the client makes its error class from. */
export class CallError extends Error {
  readonly status: GrpcStatus;
  readonly trailers: Readonly<Record<string, string>>;
  constructor(
    status: GrpcStatus,
    message: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'CallError';
    this.status = status;
    this.trailers = trailers;
  }
}

/** Trailer values are ASCII: everything else, and `%` itself, is percent-encoded. */
export const asciiTrailer = (text: string): string =>
  text.replace(/[^\x20-\x24\x26-\x7e]+/gu, (part) => encodeURIComponent(part));

/** -1 no stream, -2 any, -4 stream exists: the numbers of the .NET client, which must parse as BigInt. */
const expectedVersionText = (expected: ExpectedRevision): string =>
  typeof expected === 'number'
    ? BigInt(expected).toString()
    : { 'no-stream': '-1', any: '-2', 'stream-exists': '-4' }[expected];

export const wrongExpectedVersion = (
  stream: string,
  expected: ExpectedRevision,
  current: number,
): CallError =>
  new CallError(grpcStatus.failedPrecondition, 'wrong expected version', {
    exception: 'wrong-expected-version',
    'stream-name': asciiTrailer(stream),
    'expected-version': expectedVersionText(expected),
    'actual-version': BigInt(current).toString(),
  });

/** In the words of the real server: the subscriber has to begin again where it was. */
export const subscriberTooSlow = (): CallError =>
  new CallError(
    grpcStatus.aborted,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

/** In the words of the real server. */
export const noSuchPosition = (): CallError =>
  new CallError(grpcStatus.unknown, 'Unexpected ReadAllResult: Error');

/** For a read of a stream that cannot begin where it asks to, in the words of the real server. */
export const noSuchRevision = (): CallError =>
  new CallError(grpcStatus.unknown, 'Unexpected ReadStreamResult: Error');

export const streamDeleted = (stream: string): CallError =>
  new CallError(grpcStatus.failedPrecondition, 'the stream is deleted', {
    exception: 'stream-deleted',
    'stream-name': asciiTrailer(stream),
  });

export const appendTooLarge = (limitBytes: number): CallError =>
  new CallError(grpcStatus.invalidArgument, 'the append is too large', {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limitBytes),
  });

/** A caller without credentials, or without the right on the stream. */
export const accessDenied = (): CallError =>
  new CallError(grpcStatus.permissionDenied, 'access denied', { exception: 'access-denied' });

/** Credentials that no user has. */
export const unauthenticated = (): CallError =>
  new CallError(grpcStatus.unauthenticated, 'the credentials are wrong');

export const missingEventMetadata = (): CallError =>
  new CallError(grpcStatus.invalidArgument, 'an event has no type or no content type', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

/** In the words of the real server, whatever is wrong with what was asked; ours adds what. */
export const badRequest = (why: string): CallError =>
  new CallError(grpcStatus.unknown, `Exception was thrown by handler. ${why}`);

/** The write may or may not have been stored. */
export const outcomeUnknown = (): CallError =>
  new CallError(grpcStatus.deadlineExceeded, 'the outcome of the write is unknown');

export const storageAway = (): CallError =>
  new CallError(grpcStatus.unavailable, 'the event store cannot reach its storage');
