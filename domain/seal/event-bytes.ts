/** What a seal covers of an event: all that the log stores of it. */
export type SealedEvent = {
  readonly position: bigint;
  readonly revision: bigint;
  /** Units of 100 ns since 1970. */
  readonly createdTicks: bigint;
  readonly stream: string;
  /** UUID in lower case. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

/** RFC 6962: leaves and nodes of a tree begin with different bytes, so that neither passes for the other. */
const LEAF = 0x00;
const FIRST_SCRATCH_BYTES = 4_096;
const NUMBERS_BYTES = 1 + 3 * 8;
const FIELDS = 6;
const LENGTH_BYTES = 4;
/** UTF-8 of a UTF-16 unit has three bytes at most. */
const UTF8_BYTES = 3;

/**
 * The bytes whose SHA-256 is the leaf of an event: a zero byte; position, revision and created time as 64-bit
 * integers; then stream, id, type, content type, data and metadata, each after its length in bytes as a 32-bit
 * integer, all big-endian. Different events have different bytes.
 *
 * @returns an encoder whose answer holds until its next call
 */
export const eventEncoder = (): ((event: SealedEvent) => Uint8Array) => {
  const encoder = new TextEncoder();
  let scratch = new Uint8Array(FIRST_SCRATCH_BYTES);
  let view = new DataView(scratch.buffer);

  const reserve = (bytes: number): void => {
    if (bytes <= scratch.length) return;
    scratch = new Uint8Array(2 * bytes);
    view = new DataView(scratch.buffer);
  };
  /** Both write a field after its length and tell where the next one begins. */
  const putText = (text: string, at: number): number => {
    const { written } = encoder.encodeInto(text, scratch.subarray(at + LENGTH_BYTES));
    view.setUint32(at, written);
    return at + LENGTH_BYTES + written;
  };
  const putBytes = (bytes: Uint8Array, at: number): number => {
    view.setUint32(at, bytes.length);
    scratch.set(bytes, at + LENGTH_BYTES);
    return at + LENGTH_BYTES + bytes.length;
  };

  return ({ position, revision, createdTicks, stream, id, type, contentType, data, metadata }) => {
    const units = stream.length + id.length + type.length + contentType.length;
    const bytes = data.length + metadata.length;
    reserve(NUMBERS_BYTES + FIELDS * LENGTH_BYTES + UTF8_BYTES * units + bytes);
    scratch[0] = LEAF;
    view.setBigUint64(1, position);
    view.setBigUint64(9, revision);
    view.setBigUint64(17, createdTicks);
    let at = putText(stream, NUMBERS_BYTES);
    at = putText(id, at);
    at = putText(type, at);
    at = putText(contentType, at);
    at = putBytes(data, at);
    at = putBytes(metadata, at);
    return scratch.subarray(0, at);
  };
};
