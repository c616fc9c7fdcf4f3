import type { Transform, TransformCallback } from 'node:stream';
import { StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client';
import type { EventStoreDBClient } from '@eventstore/db-client';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { unlessSilent } from './unless-silent';

export type LogPosition = { readonly commit: bigint; readonly prepare: bigint };

/** An event with the bytes that are stored; the client's own events carry JSON that was parsed and cannot be told back. */
export type LosslessEvent = {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: LogPosition;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  /** Units of 100 ns since 1970, as the server counts. */
  readonly createdTicks: bigint;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

/** Bytes as they came, or the text that the lean messages have made of them. */
const textOf = (name: Uint8Array | string): string =>
  typeof name === 'string' ? name : Buffer.from(name).toString('utf8');

export const eventOf = (answer: ReadResp): LosslessEvent | undefined => {
  const event = answer.getEvent()?.getEvent();
  if (!event) return undefined;
  const system = event.getMetadataMap();
  return {
    stream: textOf(event.getStreamIdentifier()?.getStreamName() ?? ''),
    revision: BigInt(event.getStreamRevision()),
    position: {
      commit: BigInt(event.getCommitPosition()),
      prepare: BigInt(event.getPreparePosition()),
    },
    id: event.getId()?.getString() ?? '',
    type: system.get('type') ?? '',
    contentType: system.get('content-type') ?? 'application/octet-stream',
    createdTicks: BigInt(system.get('created') ?? 0),
    data: Buffer.from(event.getData_asU8()),
    metadata: Buffer.from(event.getCustomMetadata_asU8()),
  };
};

/** Makes one of the client's reads, before its first answer, give lossless events instead of its own. */
const losslessly = (read: unknown): AsyncIterable<LosslessEvent> => {
  // what the client returns is a Transform of the answers as they came; its types show less of it
  const answers = read as Transform;
  const usual = answers._transform.bind(answers);
  answers._transform = (answer: ReadResp, encoding, next: TransformCallback) => {
    const event = eventOf(answer);
    if (event) next(null, event);
    else usual(answer, encoding, next);
  };
  return unlessSilent(answers, (error) => answers.destroy(error));
};

/** The whole log from a position on, that one included, to where it ends now; links are not resolved. */
export const readAllLosslessly = (
  client: EventStoreDBClient,
  from: LogPosition | 'start',
): AsyncIterable<LosslessEvent> => losslessly(client.readAll({ fromPosition: from }));

/** The first event at a position or after it, if the log goes so far. */
export const readOneFrom = async (
  client: EventStoreDBClient,
  fromPosition: LogPosition,
): Promise<LosslessEvent | undefined> => {
  let first: LosslessEvent | undefined;
  // to its end: a read that is left early never ends for the client, which then cannot be disposed of
  for await (const event of losslessly(client.readAll({ fromPosition, maxCount: 1 })))
    first = event;
  return first;
};

/** A stream from its first event that can be seen; none of a stream that is not there. */
export async function* readStreamLosslessly(
  client: EventStoreDBClient,
  stream: string,
): AsyncGenerator<LosslessEvent> {
  try {
    yield* losslessly(client.readStream(stream));
  } catch (error) {
    if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error;
  }
}

/** The newest event of the log or of a stream, if there is one to be seen. */
export const readNewest = async (
  client: EventStoreDBClient,
  stream?: string,
): Promise<LosslessEvent | undefined> => {
  const options = { direction: 'backwards', maxCount: 1 } as const;
  const read =
    stream === undefined
      ? client.readAll({ ...options, fromPosition: 'end' })
      : client.readStream(stream, { ...options, fromRevision: 'end' });
  try {
    let newest: LosslessEvent | undefined;
    // to its end: a read that is left early never ends for the client, which then cannot be disposed of
    for await (const event of losslessly(read)) newest = event;
    return newest;
  } catch (error) {
    if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error;
  }
  return undefined;
};
