import fc from 'fast-check';
import {
  decodeBatchAppend,
  encodeBatchAppendError,
  encodeBatchAppendSuccess,
} from '../../../wire/batch-append';
import {
  BatchAppendReq,
  BatchAppendResp,
  Empty,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '../../../wire/generated';
import { MalformedMessageError } from '../../../wire/protobuf';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 300 });
const revision = fc.oneof(
  fc.nat(),
  fc.integer({ min: 2 ** 28, max: 2 ** 46 }),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 32 - 1, 2 ** 32, 2 ** 35 - 1, 2 ** 35),
);
const expected = fc.oneof(
  revision,
  fc.constantFrom('any' as const, 'no-stream' as const, 'stream-exists' as const),
);
const halves = fc.tuple(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
);
const uuid = fc.oneof(
  fc.uuid().map((id) => ({ message: new UUID().setString(id), id })),
  halves.map(([most, least]) => {
    const structured = new UUID.Structured();
    structured.setMostSignificantBits(String(most)).setLeastSignificantBits(String(least));
    const hex = [most, least].map((half) =>
      BigInt.asUintN(64, half).toString(16).padStart(16, '0'),
    );
    return { message: new UUID().setStructured(structured), id: hex.join('') };
  }),
);
const plainHex = (id: string): string => id.replaceAll('-', '').toLowerCase();

const proposed = fc.record({
  uuid,
  type: text,
  isJson: fc.boolean(),
  data: bytes,
  metadata: bytes,
});

const identifier = (stream: string): StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));

/** Field 6, a Timestamp, as the client always sends it: 1.5 s after 1970. */
const deadline = Buffer.from([0x32, 8, 0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]);

const optionsOf = (stream: string, wanted: number | 'any' | 'no-stream' | 'stream-exists') => {
  const options = BatchAppendReq.Options.deserializeBinary(deadline).setStreamIdentifier(
    identifier(stream),
  );
  if (wanted === 'any') return options.setAny(new Empty());
  if (wanted === 'no-stream') return options.setNoStream(new Empty());
  if (wanted === 'stream-exists') return options.setStreamExists(new Empty());
  return options.setStreamPosition(String(wanted));
};

test('a request is read exactly as the generated classes wrote it', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      text,
      expected,
      fc.array(proposed, { maxLength: 4 }),
      fc.boolean(),
      (correlation, stream, wanted, events, isFinal) => {
        const request = new BatchAppendReq()
          .setCorrelationId(new UUID().setString(correlation))
          .setOptions(optionsOf(stream, wanted))
          .setIsFinal(isFinal);
        for (const event of events) {
          const message = new BatchAppendReq.ProposedMessage()
            .setId(event.uuid.message)
            .setData(event.data)
            .setCustomMetadata(event.metadata);
          message.getMetadataMap().set('type', event.type);
          message
            .getMetadataMap()
            .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
          request.addProposedMessages(message);
        }
        const decoded = decodeBatchAppend(Buffer.from(request.serializeBinary()));
        expect(UUID.deserializeBinary(decoded.correlationId).getString()).toBe(correlation);
        expect(decoded.options).toEqual({ stream, expected: wanted, deadlineMs: 1_500 });
        expect(decoded.isFinal).toBe(isFinal);
        expect(
          decoded.events.map(({ id, type, isJson, data, metadata }) => ({
            id: id.toString('hex'),
            type,
            isJson,
            data: [...data],
            metadata: [...metadata],
          })),
        ).toEqual(
          events.map((event) => ({
            id: plainHex(event.uuid.id),
            type: event.type,
            isJson: event.isJson,
            data: [...event.data],
            metadata: [...event.metadata],
          })),
        );
      },
    ),
  );
});

/** Fields that no version of the protocol has yet, one of each wire type. */
const unknownField = fc.constantFrom(
  [0x78, 0x96, 0x01],
  [0x7a, 3, 1, 2, 3],
  [0x7d, 1, 2, 3, 4],
  [0x79, 1, 2, 3, 4, 5, 6, 7, 8],
);

const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);

test('fields of newer clients are passed over, at every level', () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const event = new BatchAppendReq.ProposedMessage().setId(new UUID().setString(id));
  event.getMetadataMap().set('type', 'T');
  fc.assert(
    fc.property(fc.array(unknownField, { minLength: 6, maxLength: 6 }), (fields) => {
      const unknown = fields.map((one) => Buffer.from(one));
      const around = (known: Uint8Array, at: number): Buffer =>
        Buffer.concat([unknown[at] ?? Buffer.alloc(0), known, unknown[at + 1] ?? Buffer.alloc(0)]);
      const message = Buffer.concat([
        field(1, new UUID().setString(id).serializeBinary()),
        field(2, around(optionsOf('s', 'any').serializeBinary(), 0)),
        field(3, around(event.serializeBinary(), 2)),
        Buffer.from([0x20, 1]),
      ]);
      const decoded = decodeBatchAppend(around(message, 4));
      expect(decoded).toMatchObject({
        options: { stream: 's', expected: 'any', deadlineMs: 1_500 },
        events: [{ type: 'T', id: Buffer.from(plainHex(id), 'hex') }],
        isFinal: true,
      });
    }),
  );
});

test('a cut-off or random message is refused as malformed, never with another error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
      try {
        decodeBatchAppend(Buffer.from(garbage));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessageError);
      }
    }),
    { numRuns: 1_000 },
  );
});

const correlationBytes = (id: string): Buffer =>
  Buffer.from(new UUID().setString(id).serializeBinary());

test('a success is read by the generated classes with the same revision and position', () => {
  fc.assert(
    fc.property(fc.uuid(), revision, fc.integer({ min: 1, max: 2 ** 46 }), (id, last, sequence) => {
      const encoded = encodeBatchAppendSuccess(correlationBytes(id), last, sequence);
      const response = BatchAppendResp.deserializeBinary(encoded);
      const position = BigInt(sequence) * 128n;
      expect(response.getCorrelationId()?.getString()).toBe(id);
      expect(response.getSuccess()?.getCurrentRevision()).toBe(String(last));
      expect(BigInt(response.getSuccess()?.getPosition()?.getCommitPosition() ?? 0)).toBe(position);
      expect(BigInt(response.getSuccess()?.getPosition()?.getPreparePosition() ?? 0)).toBe(
        position,
      );
    }),
  );
});

test('an append of no events to no stream says so: it has neither revision nor position', () => {
  const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
  const encoded = encodeBatchAppendSuccess(correlationBytes(id), -1, undefined);
  const success = BatchAppendResp.deserializeBinary(encoded).getSuccess();
  expect(success?.hasNoStream()).toBe(true);
  expect(success?.hasNoPosition()).toBe(true);
});

test('a conflict carries both revisions in the form that the client unpacks', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      text,
      expected,
      fc.oneof(revision, fc.constant(-1)),
      (id, stream, wanted, current) => {
        const encoded = encodeBatchAppendError(correlationBytes(id), stream, {
          type: 'WrongExpectedVersion',
          current,
          expected: wanted,
        });
        const response = BatchAppendResp.deserializeBinary(encoded);
        const name = response.getStreamIdentifier()?.getStreamName_asU8() ?? [];
        expect(Buffer.from(name).toString('utf8')).toBe(stream);
        const detail = response
          .getError()
          ?.getDetails()
          ?.unpack(
            (packed) => WrongExpectedVersion.deserializeBinary(packed),
            'event_store.client.WrongExpectedVersion',
          );
        expect(detail?.hasCurrentNoStream()).toBe(current < 0);
        if (current >= 0) expect(detail?.getCurrentStreamRevision()).toBe(String(current));
        expect(detail?.hasExpectedAny()).toBe(wanted === 'any');
        expect(detail?.hasExpectedNoStream()).toBe(wanted === 'no-stream');
        expect(detail?.hasExpectedStreamExists()).toBe(wanted === 'stream-exists');
        if (typeof wanted === 'number')
          expect(detail?.getExpectedStreamPosition()).toBe(String(wanted));
      },
    ),
  );
});
