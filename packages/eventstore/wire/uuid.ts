import { MalformedMessageError, readVarint, readLength, skipField, type Reader } from './protobuf';

const uuidBytes = 16;
export const uuidTextLength = 36;

const dash = 0x2d;

const hexDigit = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

const hexCodes = Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, '0');
  return [text.charCodeAt(0), text.charCodeAt(1)] as const;
});

/** Parses the 36 characters of a UUID; undefined when they are none. */
const parseText = (buffer: Buffer, start: number, end: number): Buffer | undefined => {
  const id = Buffer.allocUnsafe(uuidBytes);
  let at = start;
  for (let i = 0; i < uuidBytes; i += 1) {
    if ((i === 4 || i === 6 || i === 8 || i === 10) && buffer[at++] !== dash) return undefined;
    const high = hexDigit(buffer[at] ?? 0);
    const low = hexDigit(buffer[at + 1] ?? 0);
    if (high < 0 || low < 0) return undefined;
    id[i] = high * 16 + low;
    at += 2;
  }
  return at === end ? id : undefined;
};

export const parseUuid = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'latin1');
  return parseText(bytes, 0, bytes.length);
};

/** Writes the 36 characters of a UUID and gives the offset after them. */
export const writeUuidText = (buffer: Buffer, id: Buffer, at: number): number => {
  let offset = at;
  for (let i = 0; i < uuidBytes; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) buffer[offset++] = dash;
    const codes = hexCodes[id[i] ?? 0];
    buffer[offset] = codes?.[0] ?? 0;
    buffer[offset + 1] = codes?.[1] ?? 0;
    offset += 2;
  }
  return offset;
};

/** A 64-bit varint as eight bytes; numbers would lose its low bits. */
const readInt64 = (reader: Reader): bigint => {
  const start = reader.at;
  readVarint(reader);
  let value = 0n;
  for (let i = reader.at - 1; i >= start; i -= 1) {
    value = (value << 7n) | BigInt((reader.buffer[i] ?? 0) & 0x7f);
  }
  return BigInt.asUintN(64, value);
};

const readStructured = (reader: Reader, end: number): Buffer => {
  const inner: Reader = { buffer: reader.buffer, at: reader.at, end };
  const halves = [0n, 0n];
  while (inner.at < inner.end) {
    const tag = readVarint(inner);
    if (tag === 8 || tag === 16) halves[tag === 8 ? 0 : 1] = readInt64(inner);
    else skipField(inner, tag);
  }
  return structuredUuid(halves[0] ?? 0n, halves[1] ?? 0n);
};

/** The 16 bytes of a UUID given as two halves. */
export const structuredUuid = (most: bigint, least: bigint): Buffer => {
  const id = Buffer.allocUnsafe(uuidBytes);
  id.writeBigUInt64BE(BigInt.asUintN(64, most), 0);
  id.writeBigUInt64BE(BigInt.asUintN(64, least), 8);
  return id;
};

/** Reads a UUID message in either of its forms: text (field 2) or two 64-bit halves (field 1). */
export const readUuid = (reader: Reader): Buffer => {
  let id: Buffer | undefined;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag !== 10 && tag !== 18) {
      skipField(reader, tag);
      continue;
    }
    const end = readLength(reader);
    id = tag === 18 ? parseText(reader.buffer, reader.at, end) : readStructured(reader, end);
    reader.at = end;
  }
  if (!id) throw new MalformedMessageError('an event id is not a UUID');
  return id;
};
