import type { StoredBytes } from '../../../projections/reading/log-scan';

/** Stands where the next byte is read. */
type Cursor = { readonly bytes: Buffer; at: number };

/** A varint; above 2^53 the nearest number. */
const readNumber = (cursor: Cursor): number => {
  const { bytes } = cursor;
  let byte = bytes[cursor.at++] ?? 0;
  let value = byte & 0x7f;
  for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
    byte = bytes[cursor.at++] ?? 0;
    value += (byte & 0x7f) * factor;
  }
  return value;
};

/** All 64 bits of a varint. */
const readUint64 = (cursor: Cursor): bigint => {
  const start = cursor.at;
  const near = readNumber(cursor);
  if (near <= Number.MAX_SAFE_INTEGER) return BigInt(near);
  let value = 0n;
  for (let i = cursor.at - 1; i >= start; i--)
    value = (value << 7n) | BigInt((cursor.bytes[i] ?? 0) & 0x7f);
  return BigInt.asUintN(64, value);
};

/** Reads a length and gives the end of what follows. */
const readEnd = (cursor: Cursor): number => readNumber(cursor) + cursor.at;

const readText = (cursor: Cursor): string => {
  const end = readEnd(cursor);
  const text = cursor.bytes.toString('utf8', cursor.at, end);
  cursor.at = end;
  return text;
};

const readBytes = (cursor: Cursor): Buffer => {
  const end = readEnd(cursor);
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
};

const skip = (cursor: Cursor, tag: number): void => {
  const wireType = tag & 7;
  if (wireType === 0) readNumber(cursor);
  else if (wireType === 1) cursor.at += 8;
  else if (wireType === 2) cursor.at = readEnd(cursor);
  else if (wireType === 5) cursor.at += 4;
  else throw new RangeError(`a field of the unknown wire type ${wireType}`);
};

/** The text in a message of that one field; undefined for any other message. */
const readOnlyText = (cursor: Cursor, tag: number): string | undefined => {
  const end = readEnd(cursor);
  const isFirst = readNumber(cursor) === tag;
  const text = isFirst ? readText(cursor) : undefined;
  const isAll = cursor.at === end;
  cursor.at = end;
  return isAll ? text : undefined;
};

/** The fields of ReadResp.ReadEvent.RecordedEvent as they are filled in. */
type Filling = { -readonly [K in keyof StoredBytes]: StoredBytes[K] };

const readMapEntry = (cursor: Cursor, event: Filling): void => {
  const end = readEnd(cursor);
  let [key, value] = ['', ''];
  while (cursor.at < end) {
    const tag = readNumber(cursor);
    if (tag === 10) key = readText(cursor);
    else if (tag === 18) value = readText(cursor);
    else skip(cursor, tag);
  }
  if (key === 'type') event.type = value;
  else if (key === 'content-type') event.contentType = value;
  else if (key === 'created') event.createdTicks = BigInt(value);
};

const nothing = Buffer.alloc(0);

/** Undefined when the id is no text or the stream has no name. */
const readRecord = (cursor: Cursor, end: number): StoredBytes | undefined => {
  const event: Filling = {
    id: '',
    stream: '',
    type: '',
    contentType: 'application/octet-stream',
    revision: 0n,
    position: 0n,
    createdTicks: 0n,
    data: nothing,
    metadata: nothing,
  };
  let prepare = 0n;
  while (cursor.at < end) {
    const tag = readNumber(cursor);
    if (tag === 10) event.id = readOnlyText(cursor, 18) ?? '';
    else if (tag === 18) event.stream = readOnlyText(cursor, 26) ?? '';
    else if (tag === 24) event.revision = readUint64(cursor);
    else if (tag === 32) prepare = readUint64(cursor);
    else if (tag === 40) event.position = readUint64(cursor);
    else if (tag === 50) readMapEntry(cursor, event);
    else if (tag === 58) event.metadata = readBytes(cursor);
    else if (tag === 66) event.data = readBytes(cursor);
    else skip(cursor, tag);
  }
  if (prepare !== event.position) event.prepare = prepare;
  return event.id !== '' && event.stream !== '' && cursor.at === end ? event : undefined;
};

/**
 * The event of a ReadResp that lies in `bytes` from `start` to `end`; its data and metadata are views of them.
 * Undefined for all but an event without a link in the form that servers send: those are for the generated class.
 */
export const readStoredBytes = (
  bytes: Buffer,
  start: number,
  end: number,
): StoredBytes | undefined => {
  if (bytes[start] !== 10) return undefined;
  const cursor: Cursor = { bytes, at: start + 1 };
  if (readEnd(cursor) !== end) return undefined;
  let event: StoredBytes | undefined;
  while (cursor.at < end) {
    const tag = readNumber(cursor);
    if (tag === 10) event = readRecord(cursor, readEnd(cursor));
    else if (tag === 18) return undefined;
    else skip(cursor, tag);
  }
  return cursor.at === end ? event : undefined;
};
