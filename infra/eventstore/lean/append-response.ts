import { Reader } from 'protobufjs/minimal';
import { readUint64 } from './uint64';

/** BatchAppendResp of an append that succeeded, as far as the client looks at it. */
export type LeanAppendResponse = {
  readonly getCorrelationId: () => { hasStructured: () => false; getString: () => string };
  readonly hasError: () => false;
  readonly getSuccess: () => {
    readonly getCurrentRevision: () => string;
    readonly getPosition: () => Position | undefined;
  };
};

type Position = {
  readonly getCommitPosition: () => string;
  readonly getPreparePosition: () => string;
};

const readPosition = (reader: Reader, end: number): Position => {
  let [commit, prepare] = ['0', '0'];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 8) commit = readUint64(reader);
    else if (tag === 16) prepare = readUint64(reader);
    else reader.skipType(tag & 7);
  }
  return { getCommitPosition: () => commit, getPreparePosition: () => prepare };
};

type Success = { readonly revision: string; readonly position: Position | undefined };

/** Undefined when the stream is empty, which only an append of nothing leaves. */
const readSuccess = (reader: Reader, end: number): Success | undefined => {
  let revision: string | undefined;
  let position: Position | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 8) revision = readUint64(reader);
    else if (tag === 26) position = readPosition(reader, reader.uint32() + reader.pos);
    else if (tag === 18) return undefined;
    else reader.skipType(tag & 7);
  }
  return { revision: revision ?? '0', position };
};

/** The text of a UUID message; undefined when it has the form of two numbers. */
const readUuid = (reader: Reader, end: number): string | undefined => {
  if (reader.uint32() !== 18) return undefined;
  const text = reader.string();
  return reader.pos === end ? text : undefined;
};

/** Undefined for all but a success in the form that servers send: those are for the generated class. */
export const readAppendResponse = (bytes: Uint8Array): LeanAppendResponse | undefined => {
  const reader = Reader.create(bytes);
  let correlationId: string | undefined;
  let success: Success | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) {
      correlationId = readUuid(reader, reader.uint32() + reader.pos);
      if (correlationId === undefined) return undefined;
    } else if (tag === 26) {
      success = readSuccess(reader, reader.uint32() + reader.pos);
      if (!success) return undefined;
    } else if (tag === 18) return undefined;
    else reader.skipType(tag & 7);
  }
  if (correlationId === undefined || !success) return undefined;
  const [id, { revision, position }] = [correlationId, success];
  const uuid = { hasStructured: () => false as const, getString: () => id };
  const appended = { getCurrentRevision: () => revision, getPosition: () => position };
  return {
    getCorrelationId: () => uuid,
    hasError: () => false,
    getSuccess: () => appended,
  };
};
