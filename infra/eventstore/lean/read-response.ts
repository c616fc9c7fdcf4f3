import { Reader } from 'protobufjs/minimal';
import { readUint64 } from './uint64';

const nothing: Uint8Array = Buffer.alloc(0);
const no = (): false => false;
const yes = (): true => true;

/** ReadResp.ReadEvent.RecordedEvent, as far as the client looks at it. */
class LeanRecord {
  id = '';
  stream = '';
  revision = '0';
  commitPosition = '0';
  preparePosition = '0';
  readonly metadata = new Map<string, string>();
  customMetadata = nothing;
  data = nothing;

  hasId(): true {
    return true;
  }
  getId(): { readonly hasStructured: () => false; readonly getString: () => string } {
    return { hasStructured: no, getString: () => this.id };
  }
  hasStreamIdentifier(): true {
    return true;
  }
  getStreamIdentifier(): { readonly getStreamName: () => string } {
    return { getStreamName: () => this.stream };
  }
  getStreamRevision(): string {
    return this.revision;
  }
  getCommitPosition(): string {
    return this.commitPosition;
  }
  getPreparePosition(): string {
    return this.preparePosition;
  }
  getMetadataMap(): ReadonlyMap<string, string> {
    return this.metadata;
  }
  getCustomMetadata_asU8(): Uint8Array {
    return this.customMetadata;
  }
  getData(): Uint8Array {
    return this.data;
  }
  getData_asU8(): Uint8Array {
    return this.data;
  }
}

/** ReadResp with an event and no link, as far as the client looks at it. */
export type LeanReadResponse = {
  readonly hasEvent: () => true;
  readonly getEvent: () => {
    readonly hasEvent: () => true;
    readonly getEvent: () => LeanRecord;
    readonly hasLink: () => false;
    readonly hasCommitPosition: () => boolean;
    readonly getCommitPosition: () => string;
  };
};

/** The only field with this tag in a message of that one field; undefined for any other message. */
const readOnlyText = (reader: Reader, tag: number): string | undefined => {
  const end = reader.uint32() + reader.pos;
  if (reader.uint32() !== tag) return undefined;
  const text = reader.string();
  return reader.pos === end ? text : undefined;
};

const readMapEntry = (reader: Reader, map: Map<string, string>): void => {
  const end = reader.uint32() + reader.pos;
  let [key, value] = ['', ''];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 10) key = reader.string();
    else if (tag === 18) value = reader.string();
    else reader.skipType(tag & 7);
  }
  map.set(key, value);
};

const readRecord = (reader: Reader, end: number): LeanRecord | undefined => {
  const record = new LeanRecord();
  while (reader.pos < end) {
    const tag = reader.uint32();
    switch (tag) {
      case 10: {
        const id = readOnlyText(reader, 18);
        if (id === undefined) return undefined;
        record.id = id;
        break;
      }
      case 18: {
        const stream = readOnlyText(reader, 26);
        if (stream === undefined) return undefined;
        record.stream = stream;
        break;
      }
      case 24:
        record.revision = readUint64(reader);
        break;
      case 32:
        record.preparePosition = readUint64(reader);
        break;
      case 40:
        record.commitPosition = readUint64(reader);
        break;
      case 50:
        readMapEntry(reader, record.metadata);
        break;
      case 58:
        record.customMetadata = reader.bytes();
        break;
      case 66:
        record.data = reader.bytes();
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return record.id && record.stream ? record : undefined;
};

/** Undefined for all but an event without a link in the form that servers send: those are for the generated class. */
export const readReadResponse = (bytes: Uint8Array): LeanReadResponse | undefined => {
  if (bytes[0] !== 10) return undefined;
  const reader = Reader.create(bytes);
  reader.pos = 1;
  if (reader.uint32() + reader.pos !== reader.len) return undefined;
  let record: LeanRecord | undefined;
  let commitPosition: string | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) {
      record = readRecord(reader, reader.uint32() + reader.pos);
      if (!record) return undefined;
    } else if (tag === 24) commitPosition = readUint64(reader);
    else if (tag === 18) return undefined;
    else reader.skipType(tag & 7);
  }
  if (!record) return undefined;
  const own = record;
  const event = {
    hasEvent: yes,
    getEvent: () => own,
    hasLink: no,
    hasCommitPosition: () => commitPosition !== undefined,
    getCommitPosition: () => commitPosition ?? '0',
  };
  return { hasEvent: yes, getEvent: () => event };
};
