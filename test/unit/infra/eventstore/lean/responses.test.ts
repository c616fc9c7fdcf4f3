import {
  AllStreamPosition,
  Empty,
  StreamIdentifier,
  UUID,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendResp, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { convertGrpcEvent } from '@eventstore/db-client/dist/utils/convertGrpcEvent';
import fc from 'fast-check';
import { readAppendResponse } from '../../../../../infra/eventstore/lean/append-response';
import { eventOf } from '../../../../../infra/eventstore/lossless-events';
import { readReadResponse } from '../../../../../infra/eventstore/lean/read-response';
import { readStoredBytes } from '../../../../../infra/eventstore/lean/stored-bytes';

const { ReadEvent } = ReadResp;

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const bytes = fc.uint8Array({ maxLength: 300 });

const uuid = (text: string): UUID => {
  const id = new UUID();
  id.setString(text);
  return id;
};

const structured = (): UUID => {
  const id = new UUID();
  const halves = new UUID.Structured();
  halves.setMostSignificantBits('1');
  halves.setLeastSignificantBits('2');
  id.setStructured(halves);
  return id;
};

describe('the answer to an append', () => {
  const answer = (revision: string, position?: string): BatchAppendResp => {
    const success = new BatchAppendResp.Success();
    success.setCurrentRevision(revision);
    if (position !== undefined) {
      const place = new AllStreamPosition();
      place.setCommitPosition(position);
      place.setPreparePosition(position);
      success.setPosition(place);
    }
    const response = new BatchAppendResp();
    response.setSuccess(success);
    return response;
  };

  test('is read as by the generated class', () => {
    fc.assert(
      fc.property(fc.uuid(), uint64, fc.option(uint64, { nil: undefined }), (id, at, position) => {
        const response = answer(at, position);
        response.setCorrelationId(uuid(id));
        const lean = readAppendResponse(response.serializeBinary());
        expect(lean?.getCorrelationId().getString()).toBe(id);
        expect(lean?.getSuccess().getCurrentRevision()).toBe(at);
        expect(lean?.getSuccess().getPosition()?.getCommitPosition()).toBe(position);
        expect(lean?.getSuccess().getPosition()?.getPreparePosition()).toBe(position);
      }),
    );
  });

  test('is left to the generated class in every other form', () => {
    const refused = new BatchAppendResp();
    refused.setCorrelationId(uuid('x'));
    refused.setError(new Status());
    const numbered = answer('1');
    numbered.setCorrelationId(structured());
    const empty = answer('1');
    empty.setCorrelationId(uuid('x'));
    empty.getSuccess()?.setNoStream(new Empty());
    for (const response of [refused, numbered, empty, answer('1'), new BatchAppendResp()])
      expect(readAppendResponse(response.serializeBinary())).toBeUndefined();
  });
});

describe('a read event', () => {
  const record = fc.record({
    id: fc.uuid(),
    stream: fc.string({ unit: 'binary', minLength: 1 }),
    revision: uint64,
    commit: uint64,
    prepare: uint64,
    metadata: fc.dictionary(fc.constantFrom('type', 'content-type', 'created', 'x'), fc.string()),
    custom: bytes,
    data: bytes,
    wrapped: fc.option(uint64, { nil: undefined }),
  });
  type Given = typeof record extends fc.Arbitrary<infer A> ? A : never;

  const response = (given: Given): ReadResp => {
    const recorded = new ReadEvent.RecordedEvent();
    recorded.setId(uuid(given.id));
    const identifier = new StreamIdentifier();
    identifier.setStreamName(Buffer.from(given.stream));
    recorded.setStreamIdentifier(identifier);
    recorded.setStreamRevision(given.revision);
    recorded.setCommitPosition(given.commit);
    recorded.setPreparePosition(given.prepare);
    for (const [key, value] of Object.entries(given.metadata))
      recorded.getMetadataMap().set(key, value);
    recorded.setCustomMetadata(given.custom);
    recorded.setData(given.data);
    const event = new ReadEvent();
    event.setEvent(recorded);
    if (given.wrapped !== undefined) event.setCommitPosition(given.wrapped);
    const whole = new ReadResp();
    whole.setEvent(event);
    return whole;
  };

  test('becomes the same event of the client as with the generated class', () => {
    fc.assert(
      fc.property(record, (given) => {
        const message = response(given).serializeBinary();
        const lean = readReadResponse(message);
        const generated = ReadResp.deserializeBinary(message).getEvent();
        // the client takes either; its types know the generated one
        const converted = [lean?.getEvent(), generated].map((event) =>
          convertGrpcEvent(event as InstanceType<typeof ReadEvent>),
        );
        expect(converted[0]).toEqual(converted[1]);
        expect(converted[0]?.event?.streamId).toBe(Buffer.from(given.stream).toString());
      }),
    );
  });

  test('becomes the same stored bytes as with the generated class, wherever it lies among others', () => {
    const scanned = fc.tuple(record, fc.option(uint64, { nil: undefined }), bytes, bytes);
    fc.assert(
      fc.property(scanned, ([given, created, before, behind]) => {
        const { created: _, ...others } = given.metadata;
        const metadata = created === undefined ? others : { ...others, created };
        const message = response({ ...given, metadata }).serializeBinary();
        const exact = eventOf(ReadResp.deserializeBinary(message));
        const around = Buffer.concat([before, message, behind]);
        const stored = readStoredBytes(around, before.length, before.length + message.length);
        const { commit, prepare } = exact?.position ?? {};
        expect(stored).toEqual(
          exact && { ...exact, position: commit, ...(prepare !== commit && { prepare }) },
        );
      }),
    );
  });

  test('is left to the generated class with a link, with an id of two numbers, and when it is none', () => {
    const given: Given = {
      id: 'x',
      stream: 's',
      revision: '1',
      commit: '1',
      prepare: '1',
      metadata: {},
      custom: new Uint8Array(),
      data: new Uint8Array(),
      wrapped: undefined,
    };
    const linked = response(given);
    linked.getEvent()?.setLink(new ReadEvent.RecordedEvent());
    const numbered = response(given);
    numbered.getEvent()?.getEvent()?.setId(structured());
    const other = new ReadResp();
    other.setCaughtUp(new ReadResp.CaughtUp());
    const storedBytes = (message: Uint8Array) =>
      readStoredBytes(Buffer.from(message), 0, message.length);
    for (const one of [linked, numbered, other, new ReadResp()]) {
      expect(readReadResponse(one.serializeBinary())).toBeUndefined();
      expect(storedBytes(one.serializeBinary())).toBeUndefined();
    }
    expect(readReadResponse(response(given).serializeBinary())).toBeDefined();
    expect(storedBytes(response(given).serializeBinary())).toBeDefined();
  });
});
