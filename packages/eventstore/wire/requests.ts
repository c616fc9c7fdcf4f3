import type { ExpectedRevision, ProposedEvent } from '../core/events';
import { missingEventMetadata, badRequest } from './call-error';
import { AppendReq, DeleteReq, ReadReq, TombstoneReq, type StreamIdentifier } from './generated';
import { isPosition, revisionOf, sequenceFrom, sequenceUpTo } from './positions';
import { parseUuid, structuredUuid } from './uuid';

export type Filter = {
  readonly on: 'stream' | 'type';
  readonly prefixes: readonly string[];
  readonly regex: string | undefined;
  /** Events scanned between two checkpoints. */
  readonly checkpointEvery: number;
};

export type StreamTarget = { readonly stream: string; readonly from: number | 'start' | 'end' };

/** `from` is a sequence: the first one to read, or for a subscription the last one already seen. */
export type AllTarget = {
  readonly from: number | 'start' | 'end';
  /** False for a position at which no event can lie. */
  readonly isExact?: boolean;
};

export type ReadRequest = {
  /** Give the events that links stand for beside the links. */
  readonly resolveLinks: boolean;
} & ReadTarget;

type ReadTarget =
  | (StreamTarget & {
      readonly kind: 'read-stream';
      readonly direction: 'forwards' | 'backwards';
      readonly count: number;
    })
  | (AllTarget & {
      readonly kind: 'read-all';
      readonly direction: 'forwards' | 'backwards';
      readonly count: number;
      readonly filter: Filter | undefined;
    })
  | (StreamTarget & { readonly kind: 'subscribe-stream' })
  | (AllTarget & {
      readonly kind: 'subscribe-all';
      readonly filter: Filter | undefined;
    });

/** The window of a filter that names none, as the client documents it. */
const defaultWindow = 32;

const streamName = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

const decode = <M>(deserialize: (bytes: Uint8Array) => M, message: Buffer): M => {
  try {
    return deserialize(message);
  } catch {
    throw badRequest('the message is malformed');
  }
};

const readFilter = (options: ReadReq.Options): Filter | undefined => {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  if (!expression) throw badRequest('a filter without an expression');
  const window = filter.hasMax() ? filter.getMax() : defaultWindow;
  return {
    on: filter.hasStreamIdentifier() ? 'stream' : 'type',
    prefixes: expression.getPrefixList(),
    regex: expression.getRegex() || undefined,
    checkpointEvery: Math.max(1, window) * Math.max(1, filter.getCheckpointintervalmultiplier()),
  };
};

/** The largest number of the protocol means the end, as a revision and as a position. */
const endOfProtocol = '18446744073709551615';

const streamTarget = (options: ReadReq.Options.StreamOptions): StreamTarget => {
  const stream = streamName(options.getStreamIdentifier());
  if (stream === '') throw badRequest('the name of a stream is not empty');
  if (options.hasEnd()) return { stream, from: 'end' };
  if (!options.hasRevision()) return { stream, from: 'start' };
  const revision = options.getRevision();
  return { stream, from: revision === endOfProtocol ? 'end' : revisionOf(revision) };
};

/** Positions map to sequences by who asks: reads backwards begin before theirs, subscriptions after. */
const allTarget = (
  all: ReadReq.Options.AllOptions | undefined,
  use: 'forwards' | 'backwards' | 'subscription',
): AllTarget => {
  const position = all?.getPosition()?.getCommitPosition();
  if (position === undefined) return { from: all?.hasEnd() ? 'end' : 'start' };
  if (position === endOfProtocol) return { from: 'end' };
  const prepare = all?.getPosition()?.getPreparePosition() ?? position;
  const isExact = isPosition(position) && BigInt(prepare) <= BigInt(position);
  // a checkpoint of a page without a match: before the event there, not after it
  const isBefore = BigInt(prepare) < BigInt(position);
  if (use === 'subscription') return { from: sequenceUpTo(position) - (isBefore ? 1 : 0), isExact };
  const first = sequenceFrom(position);
  return { from: use === 'forwards' ? first : first - 1, isExact };
};

const readTarget = (options: ReadReq.Options): ReadTarget => {
  const stream = options.getStream();
  if (options.hasSubscription()) {
    return stream
      ? { kind: 'subscribe-stream', ...streamTarget(stream) }
      : {
          kind: 'subscribe-all',
          filter: readFilter(options),
          ...allTarget(options.getAll(), 'subscription'),
        };
  }
  const direction =
    options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS
      ? 'backwards'
      : 'forwards';
  const count = Number(options.getCount());
  return stream
    ? { kind: 'read-stream', direction, count, ...streamTarget(stream) }
    : {
        kind: 'read-all',
        direction,
        count,
        filter: readFilter(options),
        ...allTarget(options.getAll(), direction),
      };
};

/** @throws CallError when the message is no read that the protocol knows */
export const decodeRead = (message: Buffer): ReadRequest => {
  const options = decode((bytes) => ReadReq.deserializeBinary(bytes), message).getOptions();
  if (!options) throw badRequest('a read without options');
  return { resolveLinks: options.getResolveLinks(), ...readTarget(options) };
};

/** What Append, Delete and Tombstone have in common in their options. */
type TargetOptions = {
  readonly getStreamIdentifier: () => StreamIdentifier | undefined;
  readonly hasRevision: () => boolean;
  readonly getRevision: () => string;
  readonly hasNoStream: () => boolean;
  readonly hasAny: () => boolean;
  readonly hasStreamExists: () => boolean;
};

export type WriteTarget = { readonly stream: string; readonly expected: ExpectedRevision };

const writeTarget = (options: TargetOptions | undefined): WriteTarget => {
  if (!options) throw badRequest('a write without options');
  const stream = streamName(options.getStreamIdentifier());
  if (options.hasRevision()) return { stream, expected: revisionOf(options.getRevision()) };
  if (options.hasNoStream()) return { stream, expected: 'no-stream' };
  if (options.hasStreamExists()) return { stream, expected: 'stream-exists' };
  if (options.hasAny()) return { stream, expected: 'any' };
  throw badRequest('a write without an expected revision');
};

export const decodeDelete = (message: Buffer): WriteTarget =>
  writeTarget(decode((bytes) => DeleteReq.deserializeBinary(bytes), message).getOptions());

export const decodeTombstone = (message: Buffer): WriteTarget =>
  writeTarget(decode((bytes) => TombstoneReq.deserializeBinary(bytes), message).getOptions());

const proposedEvent = (message: AppendReq.ProposedMessage): ProposedEvent => {
  const uuid = message.getId();
  const halves = uuid?.getStructured();
  const id = halves
    ? structuredUuid(
        BigInt(halves.getMostSignificantBits()),
        BigInt(halves.getLeastSignificantBits()),
      )
    : parseUuid(uuid?.getString() ?? '');
  if (!id) throw badRequest('an event id is not a UUID');
  const type = message.getMetadataMap().get('type');
  if (!type) throw missingEventMetadata();
  return {
    id,
    type,
    isJson: message.getMetadataMap().get('content-type') === 'application/json',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
};

/** An Append call begins with its options and goes on with one event a message. */
export type AppendPart =
  | { readonly kind: 'options'; readonly target: WriteTarget }
  | { readonly kind: 'event'; readonly event: ProposedEvent };

export const decodeAppendPart = (message: Buffer): AppendPart => {
  const part = decode((bytes) => AppendReq.deserializeBinary(bytes), message);
  const proposed = part.getProposedMessage();
  return proposed
    ? { kind: 'event', event: proposedEvent(proposed) }
    : { kind: 'options', target: writeTarget(part.getOptions()) };
};
