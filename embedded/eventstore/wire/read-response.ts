import type { RecordedEvent } from '../core/events';
import { positionOf } from './positions';
import {
  bytesField,
  fieldSize,
  textField,
  varintField,
  varintSize,
  writeBytesField,
  writeFieldHead,
  writeTextField,
  writeVarintField,
} from './protobuf';
import { uuidTextLength, writeUuidText } from './uuid';

const jsonType = 'application/json';
const binaryType = 'application/octet-stream';

/** A map entry: key and value are fields 1 and 2 of a message in the map's field. */
const entrySize = (keyBytes: number, valueBytes: number): number =>
  fieldSize(keyBytes) + fieldSize(valueBytes);

const metadataField = 6;

const writeEntry = (
  buffer: Buffer,
  key: string,
  value: string,
  valueBytes: number,
  at: number,
): number => {
  let offset = writeFieldHead(buffer, metadataField, entrySize(key.length, valueBytes), at);
  offset = writeTextField(buffer, 1, key, key.length, offset);
  return writeTextField(buffer, 2, value, valueBytes, offset);
};

/** What the encoding of a recorded event needs to know before it is written. */
type Measured = {
  readonly event: RecordedEvent;
  readonly contentType: string;
  readonly created: string;
  readonly streamBytes: number;
  readonly typeBytes: number;
  readonly bytes: number;
};

const measure = (event: RecordedEvent): Measured => {
  const contentType = event.isJson ? jsonType : binaryType;
  const created = `${event.createdMs}0000`; // units of 100 ns since the Unix epoch
  const streamBytes = Buffer.byteLength(event.stream, 'utf8');
  const typeBytes = Buffer.byteLength(event.type, 'utf8');
  const bytes =
    fieldSize(fieldSize(uuidTextLength)) +
    fieldSize(fieldSize(streamBytes)) +
    (1 + varintSize(event.revision)) +
    2 * (1 + varintSize(positionOf(event.sequence))) +
    fieldSize(entrySize('type'.length, typeBytes)) +
    fieldSize(entrySize('content-type'.length, contentType.length)) +
    fieldSize(entrySize('created'.length, created.length)) +
    fieldSize(event.metadata.length) +
    fieldSize(event.data.length);
  return { event, contentType, created, streamBytes, typeBytes, bytes };
};

/** Writes a RecordedEvent into a field of the message around it; its id is text, as the client always asks for. */
const writeRecorded = (
  buffer: Buffer,
  field: number,
  measured: Measured,
  start: number,
): number => {
  const { event, contentType, created, streamBytes, typeBytes, bytes } = measured;
  const position = positionOf(event.sequence);
  let at = writeFieldHead(buffer, field, bytes, start);
  at = writeFieldHead(buffer, 1, fieldSize(uuidTextLength), at);
  at = writeFieldHead(buffer, 2, uuidTextLength, at);
  at = writeUuidText(buffer, event.id, at);
  at = writeFieldHead(buffer, 2, fieldSize(streamBytes), at);
  at = writeTextField(buffer, 3, event.stream, streamBytes, at);
  at = writeVarintField(buffer, 3, event.revision, at);
  at = writeVarintField(buffer, 4, position, at);
  at = writeVarintField(buffer, 5, position, at);
  at = writeEntry(buffer, 'type', event.type, typeBytes, at);
  at = writeEntry(buffer, 'content-type', contentType, contentType.length, at);
  at = writeEntry(buffer, 'created', created, created.length, at);
  at = writeBytesField(buffer, 7, event.metadata, at);
  return writeBytesField(buffer, 8, event.data, at);
};

/** ReadResp with one event. */
export const encodeReadEvent = (event: RecordedEvent): Buffer => {
  const position = positionOf(event.sequence);
  const measured = measure(event);
  const readEvent = fieldSize(measured.bytes) + 1 + varintSize(position);
  const buffer = Buffer.allocUnsafe(fieldSize(readEvent));
  const head = writeFieldHead(buffer, 1, readEvent, 0);
  const at = writeRecorded(buffer, 1, measured, head);
  writeVarintField(buffer, 3, position, at);
  return buffer;
};

/** ReadResp with a link and the event it stands for, or the link alone when that one is gone. */
export const encodeReadLink = (link: RecordedEvent, target: RecordedEvent | undefined): Buffer => {
  const position = positionOf(link.sequence);
  const measured = measure(link);
  const resolved = target && measure(target);
  const readEvent =
    (resolved ? fieldSize(resolved.bytes) : 0) +
    fieldSize(measured.bytes) +
    (1 + varintSize(position));
  const buffer = Buffer.allocUnsafe(fieldSize(readEvent));
  let at = writeFieldHead(buffer, 1, readEvent, 0);
  if (resolved) at = writeRecorded(buffer, 1, resolved, at);
  at = writeRecorded(buffer, 2, measured, at);
  writeVarintField(buffer, 3, position, at);
  return buffer;
};

export const encodeConfirmation = (subscriptionId: string): Buffer =>
  bytesField(2, textField(1, subscriptionId));

export const encodeCheckpoint = (sequence: number): Buffer => {
  const position = positionOf(sequence);
  return bytesField(3, Buffer.concat([varintField(1, position), varintField(2, position)]));
};

export const encodeStreamNotFound = (stream: string): Buffer =>
  bytesField(4, bytesField(1, textField(3, stream)));

export const encodeCaughtUp = (): Buffer => bytesField(8, Buffer.alloc(0));

/** A subscription that was live reads from storage again, because it was too slow or storage was away. */
export const encodeFellBehind = (): Buffer => bytesField(9, Buffer.alloc(0));
