import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import type { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { Writer } from 'protobufjs/minimal';

// Classes, because the client makes them with `new`; members are those that it calls, by the names that it calls.

/** A field's tag: its number, and 2 for bytes, texts and messages or 0 for numbers. */
const tag = (field: number, wireType: 0 | 2): number => (field << 3) | wireType;

const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : value;

const writeUuid = (writer: Writer, field: number, text: string): Writer =>
  writer.uint32(tag(field, 2)).fork().uint32(tag(2, 2)).string(text).ldelim();

/** BatchAppendReq.ProposedMessage: one event. */
class LeanEvent {
  #id = '';
  readonly #metadata = new Map<string, string>();
  #customMetadata: Uint8Array | undefined;
  #data: Uint8Array | undefined;
  #bytes: Uint8Array | undefined;

  setId(id: UUID): void {
    this.#id = id.getString();
  }
  getMetadataMap(): Map<string, string> {
    return this.#metadata;
  }
  setCustomMetadata(value: Uint8Array | string): void {
    this.#customMetadata = bytesOf(value);
  }
  setData(value: Uint8Array | string): void {
    this.#data = bytesOf(value);
  }
  /** The client asks for this to learn the size, and again as part of the request: it is made once. */
  serializeBinary(): Uint8Array {
    if (this.#bytes) return this.#bytes;
    const writer = writeUuid(Writer.create(), 1, this.#id);
    for (const [key, value] of this.#metadata)
      writer
        .uint32(tag(2, 2))
        .fork()
        .uint32(tag(1, 2))
        .string(key)
        .uint32(tag(2, 2))
        .string(value)
        .ldelim();
    if (this.#customMetadata?.length) writer.uint32(tag(3, 2)).bytes(this.#customMetadata);
    if (this.#data?.length) writer.uint32(tag(4, 2)).bytes(this.#data);
    this.#bytes = writer.finish();
    return this.#bytes;
  }
}

/** BatchAppendReq.Options: where to append, and until when. */
class LeanOptions {
  #stream: Uint8Array = Buffer.alloc(0);
  #deadline: Timestamp | undefined;
  #expected:
    | 'no-stream'
    | 'any'
    | 'stream-exists'
    | { readonly revision: number | string }
    | undefined;

  setStreamIdentifier(identifier: StreamIdentifier): void {
    this.#stream = identifier.getStreamName_asU8();
  }
  setDeadline(deadline: Timestamp): void {
    this.#deadline = deadline;
  }
  setStreamPosition(revision: string): void {
    const number = Number(revision);
    this.#expected = { revision: Number.isSafeInteger(number) ? number : revision };
  }
  setNoStream(): void {
    this.#expected = 'no-stream';
  }
  setAny(): void {
    this.#expected = 'any';
  }
  setStreamExists(): void {
    this.#expected = 'stream-exists';
  }
  writeTo(writer: Writer): void {
    writer.uint32(tag(1, 2)).fork().uint32(tag(3, 2)).bytes(this.#stream).ldelim();
    switch (this.#expected) {
      case 'no-stream':
        writer.uint32(tag(3, 2)).uint32(0);
        break;
      case 'any':
        writer.uint32(tag(4, 2)).uint32(0);
        break;
      case 'stream-exists':
        writer.uint32(tag(5, 2)).uint32(0);
        break;
      case undefined:
        break;
      default:
        writer.uint32(tag(2, 0)).uint64(this.#expected.revision);
    }
    if (!this.#deadline) return;
    writer.uint32(tag(6, 2)).fork();
    writer.uint32(tag(1, 0)).int64(this.#deadline.getSeconds());
    writer.uint32(tag(2, 0)).int32(this.#deadline.getNanos()).ldelim();
  }
}

/** BatchAppendReq: an append, or a part of one that is too long for one message. */
export class LeanAppendRequest {
  static readonly Options = LeanOptions;
  static readonly ProposedMessage = LeanEvent;

  #options: LeanOptions | undefined;
  #correlationId = '';
  #isFinal = false;
  readonly #events: LeanEvent[] = [];

  setOptions(options: LeanOptions): void {
    this.#options = options;
  }
  setCorrelationId(id: UUID): void {
    this.#correlationId = id.getString();
  }
  setIsFinal(isFinal: boolean): void {
    this.#isFinal = isFinal;
  }
  addProposedMessages(event: LeanEvent): void {
    this.#events.push(event);
  }
  serializeBinary(): Uint8Array {
    const writer = writeUuid(Writer.create(), 1, this.#correlationId);
    if (this.#options) {
      writer.uint32(tag(2, 2)).fork();
      this.#options.writeTo(writer);
      writer.ldelim();
    }
    for (const event of this.#events) writer.uint32(tag(3, 2)).bytes(event.serializeBinary());
    if (this.#isFinal) writer.uint32(tag(4, 0)).bool(true);
    return writer.finish();
  }
  /** For the client's debug output. */
  toObject(): object {
    return { correlationId: this.#correlationId, events: this.#events.length };
  }
}
