import { randomUUID } from 'node:crypto';
import { StreamDeletedError, WrongExpectedVersionError } from '@eventstore/db-client';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { LosslessEvent } from './lossless-events';

export type ProposedEvent = Pick<
  LosslessEvent,
  'id' | 'type' | 'contentType' | 'data' | 'metadata'
>;

export type LosslessAppend =
  | {
      readonly outcome: 'appended';
      /** Commit position; absent when the server does not say where a repeated append lies. */
      readonly position: bigint | undefined;
    }
  /** `current` is -1 for a stream without events. */
  | { readonly outcome: 'wrong-expected-revision'; readonly current: bigint }
  | { readonly outcome: 'stream-deleted' };

/** @throws the client's error when the outcome is not known or the server refuses for another reason */
export type AppendLosslessly = (
  stream: string,
  /** Revision of the event before; -1 when the stream has none. */
  expected: bigint,
  events: readonly ProposedEvent[],
) => Promise<LosslessAppend>;

type Calls = ReturnType<StreamsClient['batchAppend']>;
type Waiting = {
  readonly stream: string;
  readonly resolve: (outcome: LosslessAppend) => void;
  readonly reject: (error: Error) => void;
};

/** Protected in the client's types: how its own appends get their stream, with discovery, TLS and credentials. */
type ClientInside = {
  readonly GRPCStreamCreator: (
    Client: typeof StreamsClient,
    debugName: string,
    creator: (client: StreamsClient) => Calls,
  ) => () => Promise<Calls>;
  readonly callArguments: (
    options: object,
    call: { readonly deadline: number },
  ) => Parameters<StreamsClient['batchAppend']>;
};

const uuid = (text: string): UUID => {
  const id = new UUID();
  id.setString(text);
  return id;
};

const proposed = (event: ProposedEvent): BatchAppendReq.ProposedMessage => {
  const message = new BatchAppendReq.ProposedMessage();
  message.setId(uuid(event.id));
  message.getMetadataMap().set('type', event.type).set('content-type', event.contentType);
  message.setData(event.data);
  message.setCustomMetadata(event.metadata);
  return message;
};

const request = (
  correlationId: string,
  stream: string,
  expected: bigint,
  events: readonly ProposedEvent[],
): BatchAppendReq => {
  const name = new StreamIdentifier();
  name.setStreamName(Buffer.from(stream, 'utf8'));
  const options = new BatchAppendReq.Options();
  options.setStreamIdentifier(name);
  if (expected < 0n) options.setNoStream(new Empty());
  else options.setStreamPosition(String(expected));
  const message = new BatchAppendReq();
  message.setCorrelationId(uuid(correlationId));
  message.setOptions(options);
  for (const event of events) message.addProposedMessages(proposed(event));
  message.setIsFinal(true);
  return message;
};

const outcomeOf = (answer: BatchAppendResp, stream: string): LosslessAppend | Error => {
  const failed = answer.hasError() ? answer.getError() : undefined;
  if (!failed) {
    const position = answer.getSuccess()?.getPosition()?.getCommitPosition();
    return { outcome: 'appended', position: position === undefined ? undefined : BigInt(position) };
  }
  const error = unpackToCommandError(failed, stream);
  if (error instanceof StreamDeletedError) return { outcome: 'stream-deleted' };
  if (!(error instanceof WrongExpectedVersionError)) return error;
  const { actualVersion } = error;
  const current = typeof actualVersion === 'bigint' ? actualVersion : -1n;
  return { outcome: 'wrong-expected-revision', current };
};

/** Appends bytes as they are, over one stream of appends; the client's own append writes JSON in its own way. */
export const losslessAppends = (client: EventStoreDBClient): AppendLosslessly => {
  const inside = client as unknown as ClientInside; // the class hides these members from everybody but subclasses
  const waiting = new Map<string, Waiting>();
  let open: Promise<Calls> | undefined;

  const onAnswer = (answer: BatchAppendResp): void => {
    const id = answer.getCorrelationId()?.getString() ?? '';
    const append = waiting.get(id);
    if (!append) return;
    waiting.delete(id);
    const outcome = outcomeOf(answer, append.stream);
    if (outcome instanceof Error) append.reject(outcome);
    else append.resolve(outcome);
  };
  const onBroken = (error: Error): void => {
    open = undefined;
    for (const append of waiting.values()) append.reject(error);
    waiting.clear();
  };
  const connect = inside.GRPCStreamCreator(StreamsClient, 'losslessAppends', (streams) =>
    streams
      .batchAppend(...inside.callArguments({}, { deadline: Infinity }))
      .on('data', onAnswer)
      .on('error', onBroken)
      .on('end', () => onBroken(new Error('the server ended the stream of appends'))),
  );

  return async (stream, expected, events) => {
    const calls = await (open ??= connect().catch((error: unknown) => {
      open = undefined;
      throw error;
    }));
    return await new Promise<LosslessAppend>((resolve, reject) => {
      const id = randomUUID();
      waiting.set(id, { stream, resolve, reject });
      calls.write(request(id, stream, expected, events));
    });
  };
};

/**
 * Ends a stream for ever.
 *
 * @returns false when it had ended before
 */
export const tombstone = async (client: EventStoreDBClient, stream: string): Promise<boolean> => {
  try {
    await client.tombstoneStream(stream);
    return true;
  } catch (error) {
    if (error instanceof StreamDeletedError) return false;
    throw error;
  }
};
