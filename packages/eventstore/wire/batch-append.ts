import type { ExpectedRevision, ProposedEvent } from '../core/events';
import { positionOf } from './positions';
import {
  bytesField,
  fieldSize,
  readBytes,
  readerOf,
  readMessage,
  readString,
  readVarint,
  skipField,
  textField,
  varintField,
  varintSize,
  writeBytesField,
  writeFieldHead,
  writeVarintField,
  type Reader,
} from './protobuf';
import { readUuid } from './uuid';

/** One message of a BatchAppend call; an append may come in several, the last of which is final. */
export type BatchAppendMessage = {
  /** The UUID message as it came, to be sent back as it is. */
  readonly correlationId: Buffer;
  readonly options: BatchAppendOptions | undefined;
  readonly events: readonly WireEvent[];
  readonly isFinal: boolean;
};

export type BatchAppendOptions = {
  readonly stream: string;
  readonly expected: ExpectedRevision | undefined;
  /** Time in ms since 1970 after which the client no longer waits; Infinity when it did not say. */
  readonly deadlineMs: number;
};

/** `type` is undefined when the required metadata is missing. */
export type WireEvent = Omit<ProposedEvent, 'type'> & { readonly type: string | undefined };

const readStreamIdentifier = (reader: Reader): string => {
  let stream = '';
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 26) stream = readString(reader);
    else skipField(reader, tag);
  }
  return stream;
};

/** A google.protobuf.Timestamp in ms. */
const readTimestamp = (reader: Reader): number => {
  let seconds = 0;
  let nanos = 0;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 8) seconds = readVarint(reader);
    else if (tag === 16) nanos = readVarint(reader);
    else skipField(reader, tag);
  }
  return seconds * 1_000 + nanos / 1e6;
};

const readOptions = (reader: Reader): BatchAppendOptions => {
  let stream = '';
  let expected: ExpectedRevision | undefined;
  let deadlineMs = Infinity;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    switch (tag) {
      case 10:
        stream = readStreamIdentifier(readMessage(reader));
        break;
      case 16:
        expected = readVarint(reader);
        break;
      case 26:
        readMessage(reader);
        expected = 'no-stream';
        break;
      case 34:
        readMessage(reader);
        expected = 'any';
        break;
      case 42:
        readMessage(reader);
        expected = 'stream-exists';
        break;
      case 50:
        deadlineMs = readTimestamp(readMessage(reader));
        break;
      default:
        skipField(reader, tag);
    }
  }
  return { stream, expected, deadlineMs };
};

const noBytes: Buffer = Buffer.alloc(0);

const readEvent = (reader: Reader): WireEvent => {
  let id: Buffer | undefined;
  let type: string | undefined;
  let isJson = false;
  let data: Buffer = noBytes;
  let metadata: Buffer = noBytes;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    switch (tag) {
      case 10:
        id = readUuid(readMessage(reader));
        break;
      case 18: {
        const { key, value } = readMapEntry(readMessage(reader));
        if (key === 'type') type = value;
        else if (key === 'content-type') isJson = value === 'application/json';
        break;
      }
      case 26:
        metadata = readBytes(reader);
        break;
      case 34:
        data = readBytes(reader);
        break;
      default:
        skipField(reader, tag);
    }
  }
  return { id: id ?? readUuid(readerOf(noBytes)), type, isJson, data, metadata };
};

const readMapEntry = (reader: Reader): { readonly key: string; readonly value: string } => {
  let key = '';
  let value = '';
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 10) key = readString(reader);
    else if (tag === 18) value = readString(reader);
    else skipField(reader, tag);
  }
  return { key, value };
};

/** @throws MalformedMessageError for what is no such message */
export const decodeBatchAppend = (message: Buffer): BatchAppendMessage => {
  const reader = readerOf(message);
  let correlationId: Buffer = noBytes;
  let options: BatchAppendOptions | undefined;
  const events: WireEvent[] = [];
  let isFinal = false;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    switch (tag) {
      case 10:
        correlationId = readBytes(reader);
        break;
      case 18:
        options = readOptions(readMessage(reader));
        break;
      case 26:
        events.push(readEvent(readMessage(reader)));
        break;
      case 32:
        isFinal = readVarint(reader) !== 0;
        break;
      default:
        skipField(reader, tag);
    }
  }
  return { correlationId, options, events, isFinal };
};

const positionSize = (position: number): number => 2 * (1 + varintSize(position));

/** `revision` -1 says that the stream does not exist; no position comes with an append of no events. */
export const encodeBatchAppendSuccess = (
  correlationId: Buffer,
  revision: number,
  sequence: number | undefined,
): Buffer => {
  const position = sequence === undefined ? undefined : positionOf(sequence);
  const inner = position === undefined ? 0 : positionSize(position);
  const revisionSize = revision < 0 ? 2 : 1 + varintSize(revision);
  const success = revisionSize + fieldSize(inner);
  const buffer = Buffer.allocUnsafe(fieldSize(correlationId.length) + fieldSize(success));
  let at = writeBytesField(buffer, 1, correlationId, 0);
  at = writeFieldHead(buffer, 3, success, at);
  at = revision < 0 ? writeFieldHead(buffer, 2, 0, at) : writeVarintField(buffer, 1, revision, at);
  at = writeFieldHead(buffer, position === undefined ? 4 : 3, inner, at);
  if (position !== undefined) {
    at = writeVarintField(buffer, 1, position, at);
    writeVarintField(buffer, 2, position, at);
  }
  return buffer;
};

export type BatchAppendError =
  | {
      readonly type: 'WrongExpectedVersion';
      readonly current: number;
      readonly expected: ExpectedRevision;
    }
  | { readonly type: 'StreamDeleted' | 'AccessDenied' | 'Timeout' }
  | { readonly type: 'MaximumAppendSizeExceeded'; readonly limitBytes: number }
  | { readonly type: 'BadRequest'; readonly message: string };

/** google.rpc.Code of each error, as far as a client may look at it. */
const rpcCodes = {
  WrongExpectedVersion: 9,
  StreamDeleted: 9,
  AccessDenied: 7,
  Timeout: 4,
  MaximumAppendSizeExceeded: 3,
  BadRequest: 3,
} as const;

const streamIdentifier = (stream: string): Buffer => textField(3, stream);

const expectedField = (expected: ExpectedRevision): Buffer => {
  if (typeof expected === 'number') return varintField(3, expected);
  return bytesField({ any: 4, 'stream-exists': 5, 'no-stream': 6 }[expected], noBytes);
};

const errorDetail = (stream: string, error: BatchAppendError): Buffer => {
  switch (error.type) {
    case 'WrongExpectedVersion':
      return Buffer.concat([
        error.current < 0 ? bytesField(2, noBytes) : varintField(1, error.current),
        expectedField(error.expected),
      ]);
    case 'StreamDeleted':
      return bytesField(1, streamIdentifier(stream));
    case 'MaximumAppendSizeExceeded':
      return varintField(1, error.limitBytes);
    case 'BadRequest':
      return textField(1, error.message);
    case 'AccessDenied':
    case 'Timeout':
      return noBytes;
  }
};

/** The stream is always named: the client reads it without asking whether it is there. */
export const encodeBatchAppendError = (
  correlationId: Buffer,
  stream: string,
  error: BatchAppendError,
): Buffer => {
  const any = Buffer.concat([
    textField(1, `type.googleapis.com/event_store.client.${error.type}`),
    bytesField(2, errorDetail(stream, error)),
  ]);
  const message = error.type === 'BadRequest' ? error.message : error.type;
  const status = Buffer.concat([
    varintField(1, rpcCodes[error.type]),
    textField(2, message),
    bytesField(3, any),
  ]);
  return Buffer.concat([
    bytesField(1, correlationId),
    bytesField(2, status),
    bytesField(4, streamIdentifier(stream)),
  ]);
};
