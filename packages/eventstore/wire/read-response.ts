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

const metadataField = 6;

/** An entry of the system metadata: a message of a key and a value. */
const entry = (key: string, value: string): Buffer =>
  bytesField(metadataField, Buffer.concat([textField(1, key), textField(2, value)]));

const createdKey = textField(1, 'created');

/** Types repeat: their entries are kept, unless they are long ones. */
const keptTypes = 1_024;
const keptTypeLength = 256;
const kept = { json: new Map<string, Buffer>(), binary: new Map<string, Buffer>() };

/** The entries of type and content type. */
const typeEntries = ({ type, isJson }: RecordedEvent): Buffer => {
  const known = isJson ? kept.json : kept.binary;
  const found = known.get(type);
  if (found) return found;
  const contentType = entry('content-type', isJson ? jsonType : binaryType);
  const entries = Buffer.concat([entry('type', type), contentType]);
  if (known.size >= keptTypes) known.clear();
  if (type.length <= keptTypeLength) known.set(type, entries);
  return entries;
};

/** What the encoding of a recorded event needs to know before it is written. */
type Measured = {
  readonly event: RecordedEvent;
  readonly types: Buffer;
  readonly created: string;
  readonly createdBytes: number;
  readonly streamBytes: number;
  readonly bytes: number;
};

const measure = (event: RecordedEvent): Measured => {
  const types = typeEntries(event);
  const created = `${event.createdMs}0000`; // units of 100 ns since the Unix epoch
  const streamBytes = Buffer.byteLength(event.stream, 'utf8');
  const createdBytes = createdKey.length + fieldSize(created.length);
  const bytes =
    fieldSize(fieldSize(uuidTextLength)) +
    fieldSize(fieldSize(streamBytes)) +
    (1 + varintSize(event.revision)) +
    2 * (1 + varintSize(positionOf(event.sequence))) +
    types.length +
    fieldSize(createdBytes) +
    fieldSize(event.metadata.length) +
    fieldSize(event.data.length);
  return { event, types, created, createdBytes, streamBytes, bytes };
};

/** Writes a RecordedEvent into a field of the message around it; its id is text, as the client always asks for. */
const writeRecorded = (
  buffer: Buffer,
  field: number,
  measured: Measured,
  start: number,
): number => {
  const { event, types, created, createdBytes, streamBytes, bytes } = measured;
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
  at += types.copy(buffer, at);
  at = writeFieldHead(buffer, metadataField, createdBytes, at);
  at += createdKey.copy(buffer, at);
  at = writeTextField(buffer, 2, created, created.length, at);
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

/** Up to which event all were scanned; before it when it is `isBefore`. */
export type Checkpoint = { readonly sequence: number; readonly isBefore: boolean };

export const encodeCheckpoint = ({ sequence, isBefore }: Checkpoint): Buffer => {
  const position = positionOf(sequence);
  const prepare = isBefore ? 0 : position;
  return bytesField(3, Buffer.concat([varintField(1, position), varintField(2, prepare)]));
};

export const encodeStreamNotFound = (stream: string): Buffer =>
  bytesField(4, bytesField(1, textField(3, stream)));

export const encodeCaughtUp = (): Buffer => bytesField(8, Buffer.alloc(0));

/** A subscription that was live reads from storage again, because it was too slow or storage was away. */
export const encodeFellBehind = (): Buffer => bytesField(9, Buffer.alloc(0));
