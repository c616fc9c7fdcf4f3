/** The part of the protobuf wire format that the hand-written messages need. */

export class MalformedMessageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedMessageError';
  }
}

const two32 = 0x1_0000_0000;

/** A cursor over one message; `end` bounds it, so that a submessage is read in place. */
export type Reader = { readonly buffer: Buffer; at: number; readonly end: number };

export const readerOf = (buffer: Buffer): Reader => ({ buffer, at: 0, end: buffer.length });

/** Reads a varint of up to 64 bits; above 2^53 the result is the nearest number. */
export const readVarint = (reader: Reader): number => {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 10; i += 1) {
    if (reader.at >= reader.end) throw new MalformedMessageError('a number is cut off');
    const byte = reader.buffer[reader.at] ?? 0;
    reader.at += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 0x80;
  }
  throw new MalformedMessageError('a number has more than ten bytes');
};

/** Reads a length and gives the end of what follows it. */
export const readLength = (reader: Reader): number => {
  const length = readVarint(reader);
  const end = reader.at + length;
  if (end > reader.end) throw new MalformedMessageError('a field is cut off');
  return end;
};

export const readBytes = (reader: Reader): Buffer => {
  const end = readLength(reader);
  const bytes = reader.buffer.subarray(reader.at, end);
  reader.at = end;
  return bytes;
};

export const readString = (reader: Reader): string => {
  const end = readLength(reader);
  const text = reader.buffer.toString('utf8', reader.at, end);
  reader.at = end;
  return text;
};

/** A reader of the submessage that begins here; the outer one is moved past it. */
export const readMessage = (reader: Reader): Reader => {
  const end = readLength(reader);
  const inner: Reader = { buffer: reader.buffer, at: reader.at, end };
  reader.at = end;
  return inner;
};

/** Skips a field that the message does not use, whose tag was just read. */
export const skipField = (reader: Reader, tag: number): void => {
  switch (tag & 7) {
    case 0:
      readVarint(reader);
      return;
    case 1:
      reader.at += 8;
      break;
    case 2:
      reader.at = readLength(reader);
      return;
    case 5:
      reader.at += 4;
      break;
    default:
      throw new MalformedMessageError(`unknown wire type in tag ${tag}`);
  }
  if (reader.at > reader.end) throw new MalformedMessageError('a field is cut off');
};

/** Tag byte of a length-delimited field with a number below 16. */
const bytesTag = (field: number): number => (field << 3) | 2;
const varintTag = (field: number): number => field << 3;

/** Bytes of a varint; exact up to 2^53, and for 2^63, which stands for 2^63-1. */
export const varintSize = (value: number): number => {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  if (value >= 2 ** 63) return 9;
  let size = 5;
  for (let rest = value / 2 ** 35; rest >= 1; rest /= 0x80) size += 1;
  return size;
};

/** Writes a varint at an offset and gives the offset after it. */
const writeVarint = (buffer: Buffer, value: number, at: number): number => {
  let offset = at;
  if (value >= 2 ** 63) {
    buffer.fill(0xff, offset, offset + 8);
    buffer[offset + 8] = 0x7f;
    return offset + 9;
  }
  let rest = value;
  while (rest >= two32) {
    buffer[offset] = (rest % 0x80) | 0x80;
    offset += 1;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    buffer[offset] = (rest & 0x7f) | 0x80;
    offset += 1;
    rest = Math.floor(rest / 0x80);
  }
  buffer[offset] = rest;
  return offset + 1;
};

/** Size of a length-delimited field: tag, length, content. */
export const fieldSize = (contentBytes: number): number =>
  1 + varintSize(contentBytes) + contentBytes;

export const writeFieldHead = (
  buffer: Buffer,
  field: number,
  contentBytes: number,
  at: number,
): number => {
  buffer[at] = bytesTag(field);
  return writeVarint(buffer, contentBytes, at + 1);
};

export const writeBytesField = (
  buffer: Buffer,
  field: number,
  content: Buffer,
  at: number,
): number => {
  const start = writeFieldHead(buffer, field, content.length, at);
  return start + content.copy(buffer, start);
};

export const writeTextField = (
  buffer: Buffer,
  field: number,
  content: string,
  contentBytes: number,
  at: number,
): number => {
  const start = writeFieldHead(buffer, field, contentBytes, at);
  return start + buffer.write(content, start, 'utf8');
};

export const writeVarintField = (
  buffer: Buffer,
  field: number,
  value: number,
  at: number,
): number => {
  buffer[at] = varintTag(field);
  return writeVarint(buffer, value, at + 1);
};

/** A small message put together from its fields. */
export const bytesField = (field: number, content: Buffer): Buffer => {
  const buffer = Buffer.allocUnsafe(fieldSize(content.length));
  writeBytesField(buffer, field, content, 0);
  return buffer;
};

export const textField = (field: number, content: string): Buffer =>
  bytesField(field, Buffer.from(content, 'utf8'));

export const varintField = (field: number, value: number): Buffer => {
  const buffer = Buffer.allocUnsafe(1 + varintSize(value));
  writeVarintField(buffer, field, value, 0);
  return buffer;
};
