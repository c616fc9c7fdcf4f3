import { tombstoneRevision, type RecordedEvent } from '../core/events';

/** `COPYFF\n\xff\r\n\0` of the PostgreSQL binary format: signature, flags, extension length. */
const header = Buffer.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const trailerBytes = 2;
const columnCount = 9;
/** Field count, nine lengths, three bigints, a uuid, a boolean. */
const fixedRowBytes = 2 + columnCount * 4 + 3 * 8 + 16 + 1;

export const copyColumns =
  'sequence, revision, created_ms, event_id, is_json, stream, type, data, metadata';

const maxInt64 = 0x7fffffffffffffffn;

const writeBigint = (buffer: Buffer, value: number, at: number): number => {
  buffer.writeInt32BE(8, at);
  if (value === tombstoneRevision) buffer.writeBigInt64BE(maxInt64, at + 4);
  else {
    buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at + 4);
    buffer.writeUInt32BE(value % 0x1_0000_0000, at + 8);
  }
  return at + 12;
};

const writeBytes = (buffer: Buffer, value: Buffer, at: number): number => {
  buffer.writeInt32BE(value.length, at);
  value.copy(buffer, at + 4);
  return at + 4 + value.length;
};

const writeText = (buffer: Buffer, value: string, at: number): number => {
  const length = buffer.write(value, at + 4, 'utf8');
  buffer.writeInt32BE(length, at);
  return at + 4 + length;
};

/** The body of `COPY events (copyColumns) FROM STDIN (FORMAT binary)`. */
export const encodeCopyRows = (events: readonly RecordedEvent[]): Buffer => {
  let capacity = header.length + trailerBytes;
  for (const event of events) {
    // a UTF-16 unit takes at most three bytes of UTF-8
    capacity += fixedRowBytes + 3 * (event.stream.length + event.type.length);
    capacity += event.data.length + event.metadata.length;
  }
  const buffer = Buffer.allocUnsafe(capacity);
  let at = header.copy(buffer);
  for (const event of events) {
    at = buffer.writeInt16BE(columnCount, at);
    at = writeBigint(buffer, event.sequence, at);
    at = writeBigint(buffer, event.revision, at);
    at = writeBigint(buffer, event.createdMs, at);
    at = writeBytes(buffer, event.id, at);
    at = buffer.writeInt32BE(1, at);
    at = buffer.writeInt8(event.isJson ? 1 : 0, at);
    at = writeText(buffer, event.stream, at);
    at = writeText(buffer, event.type, at);
    at = writeBytes(buffer, event.data, at);
    at = writeBytes(buffer, event.metadata, at);
  }
  at = buffer.writeInt16BE(-1, at);
  return buffer.subarray(0, at);
};

/** `PGCOPY` and what follows it, before the first row. */
const isHeader = (chunk: Buffer): boolean => chunk[0] === header[0];

const readBigint = (row: Buffer, at: number): number =>
  row.readInt32BE(at) * 0x1_0000_0000 + row.readUInt32BE(at + 4);

/** Where a column begins and ends whose length stands at `at`. */
const columnAt = (row: Buffer, at: number): readonly [start: number, end: number] => {
  const start = at + 4;
  return [start, start + row.readInt32BE(at)];
};

/** An event from a piece of `COPY (select copyColumns …) TO STDOUT (FORMAT binary)`; undefined when it holds no row. */
export const decodeCopyRow = (chunk: Buffer): RecordedEvent | undefined => {
  const start = isHeader(chunk) ? header.length : 0;
  if (chunk.length - start < fixedRowBytes) return undefined;
  // a copy: the bytes of the piece are not ours to keep
  const row = Buffer.from(chunk.subarray(start));
  const [streamAt, streamEnd] = columnAt(row, 63);
  const [typeAt, typeEnd] = columnAt(row, streamEnd);
  const [dataAt, dataEnd] = columnAt(row, typeEnd);
  const [metadataAt, metadataEnd] = columnAt(row, dataEnd);
  return {
    // lengths are known up to here: two bytes of field count, and four before each column
    sequence: readBigint(row, 6),
    revision: readBigint(row, 18),
    createdMs: readBigint(row, 30),
    id: row.subarray(42, 58),
    isJson: row[62] === 1,
    stream: row.toString('utf8', streamAt, streamEnd),
    type: row.toString('utf8', typeAt, typeEnd),
    data: row.subarray(dataAt, dataEnd),
    metadata: row.subarray(metadataAt, metadataEnd),
  };
};
