import { createRequire } from 'node:module';
import { LeanAppendRequest } from './append-request';
import { readAppendResponse } from './append-response';
import { readReadResponse } from './read-response';

type Decoder = { deserializeBinary: (bytes: Uint8Array) => unknown };

/** The generated classes of messages; the client and its gRPC stubs look each one up here when they use it. */
type GeneratedMessages = {
  BatchAppendReq: unknown;
  readonly BatchAppendResp: Decoder;
  readonly ReadResp: Decoder;
};

const preferring = (
  generated: Decoder,
  lean: (bytes: Uint8Array) => object | undefined,
): Decoder['deserializeBinary'] => {
  const { deserializeBinary } = generated;
  return (bytes) => lean(bytes) ?? deserializeBinary(bytes);
};

/**
 * Gives the client of @eventstore/db-client 6.2.1 leaner classes for the three messages that it sends and gets
 * once an event, and leaves all others, and unusual forms of these, to its own. Halves what an append and a
 * subscribed event cost it (docs/bench.md): its own go over base64 and serialise each event twice.
 */
export const installLeanMessages = (): void => {
  // not by `import`: the module itself is wanted, and some compilers wrap what they import
  const messages = createRequire(__filename)(
    '@eventstore/db-client/generated/streams_pb',
  ) as GeneratedMessages; // `require` has no types
  messages.BatchAppendReq = LeanAppendRequest;
  const { BatchAppendResp, ReadResp } = messages;
  BatchAppendResp.deserializeBinary = preferring(BatchAppendResp, readAppendResponse);
  ReadResp.deserializeBinary = preferring(ReadResp, readReadResponse);
};
