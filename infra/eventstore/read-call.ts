import type { Readable, Transform } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { within } from '../within';
import type { LogPosition } from './lossless-events';
import { ReadSilent, SILENT_READ_MS, unlessSilent } from './unless-silent';

/** Before each gRPC message: one byte (compressed or not) and four of length. */
const PREFIX_BYTES = 5;
const noPrefix = Buffer.alloc(PREFIX_BYTES);

/** Cuts the bytes of a call into messages, each with its prefix. */
type Decoder = { write: (chunk: Buffer) => readonly Buffer[] };

/** A call of @grpc/grpc-js 1.14: its stream of answers, and what of its inside is used here. */
type GrpcCall = Readable & {
  readonly cancel: () => void;
  readonly call?: {
    readonly methodDefinition?: { responseDeserialize: (message: Buffer) => unknown };
    readonly call?: {
      readonly child?: {
        readonly underlyingCalls?: readonly {
          readonly call?: { readonly child?: { readonly decoder?: Decoder } };
        }[];
      };
    };
  };
};

const decodersOf = ({ call }: GrpcCall): readonly Decoder[] =>
  (call?.call?.child?.underlyingCalls ?? []).flatMap(({ call: sent }) =>
    sent?.child?.decoder ? [sent.child.decoder] : [],
  );

/** Makes one message of all that came in one piece, for what each costs the layers above is most of what an event costs. */
const joinMessages = (decoder: Decoder): void => {
  const write = decoder.write.bind(decoder);
  decoder.write = (chunk) => {
    const messages = write(chunk);
    const isPlain = messages.length > 1 && messages.every(([compressed]) => compressed === 0);
    // the layer above takes one prefix off
    return isPlain ? [Buffer.concat([noPrefix, ...messages])] : messages;
  };
};

/** Lets the answers of a call come as bytes, joined where the inside of the call is as we know it. */
const giveBytes = (call: GrpcCall): void => {
  const joined = new WeakSet<Decoder>();
  const method = call.call?.methodDefinition;
  if (!method) throw new TypeError('the gRPC library is not the one that this build knows');
  method.responseDeserialize = (message) => {
    // what carries the call is known once an answer has come
    for (const decoder of decodersOf(call))
      if (!joined.has(decoder)) {
        joined.add(decoder);
        joinMessages(decoder);
      }
    return message;
  };
};

/** Ends a call that nobody reads any more; does nothing to one that has ended. */
const leave = (call: GrpcCall): void => {
  call.cancel();
  call.destroy();
};

/** Tells where each message lies in what `readAllMessages` gives. */
export const forEachMessage = (bytes: Buffer, take: (start: number, end: number) => void): void => {
  // a message begins with the tag of a field, which is never 0; joined ones begin with the prefix of the first
  if (bytes[0] !== 0) take(0, bytes.length);
  else
    for (let at = 0; at < bytes.length;) {
      const start = at + PREFIX_BYTES;
      at = start + bytes.readUInt32BE(at + 1);
      take(start, at);
    }
};

/**
 * The answers to a read of the whole log from a position on, that one included, joined as they came together.
 *
 * Connection, credentials and errors are the client's; its own stream of events is not used, as it costs three times
 * as much as all of this.
 */
export async function* readAllMessages(
  client: EventStoreDBClient,
  from: LogPosition | 'start',
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  signal.throwIfAborted();
  // what the client returns is a Transform; its types show less of it
  const read = client.readAll({ fromPosition: from }) as unknown as Transform;
  const stop = new AbortController();
  let failure: unknown;
  const begun = new Promise<GrpcCall>((resolve, reject) => {
    // stays when we leave: an error that comes late finds a listener
    read.on('error', (error) => {
      failure ??= error;
      reject(error);
    });
    // the client pipes the call into its own stream as soon as there is one
    read.once('pipe', (piped: unknown) => {
      const call = piped as GrpcCall;
      call.unpipe(read);
      call.on('readable', () => undefined); // else it would flow, with nobody there
      giveBytes(call);
      stop.signal.addEventListener('abort', () => leave(call));
      if (stop.signal.aborted) leave(call);
      resolve(call);
    });
    stop.signal.addEventListener('abort', () => reject(new Error('it was told to end')));
  });
  const abort = (): void => stop.abort();
  signal.addEventListener('abort', abort);
  try {
    // until there is a call at all, the client looks for a server
    const notFound = `no event store was found within ${SILENT_READ_MS} ms`;
    const call = await within(begun, SILENT_READ_MS, () => new ReadSilent(notFound));
    const giveUp = (error: Error): void => {
      failure ??= error;
      leave(call);
    };
    // the answers are bytes: see giveBytes
    for await (const bytes of unlessSilent(call, giveUp)) yield bytes as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw failure ?? error;
  } finally {
    signal.removeEventListener('abort', abort);
    stop.abort();
  }
}
