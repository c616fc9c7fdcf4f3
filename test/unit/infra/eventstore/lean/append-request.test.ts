import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import fc from 'fast-check';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { LeanAppendRequest } from '../../../../../infra/eventstore/lean/append-request';

type Classes = typeof BatchAppendReq | typeof LeanAppendRequest;

const bytes = fc.uint8Array({ maxLength: 300 });
const expected = fc.oneof(
  fc.constantFrom('no_stream' as const, 'any' as const, 'stream_exists' as const),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
);
const event = fc.record({
  id: fc.uuid(),
  type: fc.string({ unit: 'binary' }),
  contentType: fc.constantFrom('application/json', 'application/octet-stream'),
  data: bytes,
  metadata: fc.option(bytes, { nil: undefined }),
});
const append = fc.record({
  correlationId: fc.uuid(),
  stream: fc.string({ unit: 'binary' }),
  deadlineMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  expected,
  events: fc.array(event, { maxLength: 4 }),
  isFirst: fc.boolean(),
  isFinal: fc.boolean(),
  isBase64: fc.boolean(),
});
type Append = typeof append extends fc.Arbitrary<infer A> ? A : never;

const uuid = (text: string): UUID => {
  const id = new UUID();
  id.setString(text);
  return id;
};

/** What the client calls, in its order. @see node_modules/@eventstore/db-client/dist/streams/appendToStream/batchAppend.js */
const asTheClientDoes = (classes: Classes, given: Append): Uint8Array => {
  // the lean classes have the members that the client uses and no others
  const { Options, ProposedMessage } = classes as typeof BatchAppendReq;
  const request = new (classes as typeof BatchAppendReq)();
  if (given.isFirst) {
    const options = new Options();
    const identifier = new StreamIdentifier();
    identifier.setStreamName(Buffer.from(given.stream).toString('base64'));
    options.setStreamIdentifier(identifier);
    options.setDeadline(Timestamp.fromDate(new Date(given.deadlineMs)));
    if (given.expected === 'no_stream') options.setNoStream(new Empty());
    else if (given.expected === 'any') options.setAny(new Empty());
    else if (given.expected === 'stream_exists') options.setStreamExists(new Empty());
    else options.setStreamPosition(given.expected.toString(10));
    request.setOptions(options);
  }
  request.setCorrelationId(uuid(given.correlationId));
  request.setIsFinal(false);
  for (const { id, type, contentType, data, metadata } of given.events) {
    const message = new ProposedMessage();
    message.setId(uuid(id));
    message.getMetadataMap().set('type', type);
    message.getMetadataMap().set('content-type', contentType);
    const asGiven = (value: Uint8Array) =>
      given.isBase64 ? Buffer.from(value).toString('base64') : value;
    message.setData(asGiven(data));
    if (metadata) message.setCustomMetadata(asGiven(metadata));
    message.serializeBinary(); // for its length
    request.addProposedMessages(message);
  }
  request.setIsFinal(given.isFinal);
  return request.serializeBinary();
};

const read = (message: Uint8Array): object => BatchAppendReq.deserializeBinary(message).toObject();

test('an append says the same as with the generated classes, whatever it holds', () => {
  fc.assert(
    fc.property(append, (given) => {
      const lean = asTheClientDoes(LeanAppendRequest, given);
      expect(read(lean)).toEqual(read(asTheClientDoes(BatchAppendReq, given)));
    }),
  );
});

test("the size of an event, by which the client splits appends, is the generated class's", () => {
  fc.assert(
    fc.property(event, ({ id, type, data }) => {
      const sizes = [LeanAppendRequest.ProposedMessage, BatchAppendReq.ProposedMessage].map(
        (ProposedMessage) => {
          const message = new ProposedMessage();
          message.setId(uuid(id));
          message.getMetadataMap().set('type', type);
          message.setData(data);
          return message.serializeBinary().length;
        },
      );
      expect(sizes[0]).toBe(sizes[1]);
    }),
  );
});

test('debug output of the client, which asks for the object, can be switched on', () => {
  expect(new LeanAppendRequest().toObject()).toEqual({ correlationId: '', events: 0 });
});
