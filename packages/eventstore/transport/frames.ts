import { CallError, grpcStatus } from '../wire/call-error';

/** A gRPC message on the wire: one byte (compressed or not), four of length, then the message. */
const prefixBytes = 5;
/** What the real server takes. */
const maxMessageBytes = 16 * 1024 * 1024 - 10_000;

/** Cuts a byte stream into messages; keeps what is incomplete for the next read. */
export const frameReader = () => {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let neededBytes = prefixBytes;

  /** @throws CallError for a message that is compressed or too long */
  const read = (chunk: Buffer): readonly Buffer[] => {
    rest.push(chunk);
    restBytes += chunk.length;
    if (restBytes < neededBytes) return [];
    const bytes = rest.length === 1 ? chunk : Buffer.concat(rest, restBytes);
    const messages: Buffer[] = [];
    let at = 0;
    neededBytes = prefixBytes;
    while (bytes.length - at >= prefixBytes) {
      if (bytes[at] !== 0)
        throw new CallError(grpcStatus.unimplemented, 'compression is not supported');
      const length = bytes.readUInt32BE(at + 1);
      if (length > maxMessageBytes)
        throw new CallError(
          grpcStatus.resourceExhausted,
          `a message of ${length} bytes is larger than ${maxMessageBytes}`,
        );
      neededBytes = prefixBytes + length;
      if (bytes.length - at < neededBytes) break;
      messages.push(bytes.subarray(at + prefixBytes, at + neededBytes));
      at += neededBytes;
      neededBytes = prefixBytes;
    }
    rest = at === bytes.length ? [] : [bytes.subarray(at)];
    restBytes = bytes.length - at;
    return messages;
  };

  /** @throws CallError when the bytes end inside a message */
  const end = (): void => {
    if (restBytes > 0)
      throw new CallError(grpcStatus.internal, 'the request ended inside a message');
  };

  return { read, end };
};

/** Messages as one buffer of frames. */
export const encodeFrames = (messages: readonly Buffer[]): Buffer => {
  let size = 0;
  for (const message of messages) size += prefixBytes + message.length;
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    buffer[at] = 0;
    at = buffer.writeUInt32BE(message.length, at + 1);
    at += message.copy(buffer, at);
  }
  return buffer;
};
