import fc from 'fast-check';
import { tombstoneRevision } from '../../../core/events';
import { ReadResp } from '../../../wire/generated';
import {
  encodeCaughtUp,
  encodeCheckpoint,
  encodeConfirmation,
  encodeFellBehind,
  encodeReadEvent,
  encodeReadLink,
  encodeStreamNotFound,
} from '../../../wire/read-response';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 20_000, size: 'medium' }).map((b) => Buffer.from(b));
const event = fc.record({
  sequence: fc.integer({ min: 1, max: 2 ** 46 }),
  stream: text,
  revision: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 50 })),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b)),
  type: text,
  isJson: fc.boolean(),
  createdMs: fc.integer({ min: 0, max: 4e12 }),
  data: bytes,
  metadata: bytes,
});

test('an event is read by the generated classes as it was recorded', () => {
  fc.assert(
    fc.property(event, (recorded) => {
      const response = ReadResp.deserializeBinary(encodeReadEvent(recorded)).getEvent();
      const read = response?.getEvent();
      const position = String(BigInt(recorded.sequence) * 128n);
      const streamName = read?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
      expect(response?.getCommitPosition()).toBe(position);
      expect(read?.getCommitPosition()).toBe(position);
      expect(read?.getPreparePosition()).toBe(position);
      expect(read?.getId()?.getString().replaceAll('-', '')).toBe(recorded.id.toString('hex'));
      expect(Buffer.from(streamName).toString('utf8')).toBe(recorded.stream);
      expect(read?.getStreamRevision()).toBe(String(recorded.revision));
      expect(Object.fromEntries(read?.getMetadataMap().toArray() ?? [])).toEqual({
        type: recorded.type,
        'content-type': recorded.isJson ? 'application/json' : 'application/octet-stream',
        created: `${recorded.createdMs}0000`,
      });
      expect(Buffer.from(read?.getData_asU8() ?? []).equals(recorded.data)).toBe(true);
      expect(Buffer.from(read?.getCustomMetadata_asU8() ?? []).equals(recorded.metadata)).toBe(
        true,
      );
    }),
  );
});

test('a tombstone has revision 2^63-1 on the wire, which no JS number holds', () => {
  const empty = Buffer.alloc(0);
  const encoded = encodeReadEvent({
    sequence: 1,
    stream: 's',
    revision: tombstoneRevision,
    id: Buffer.alloc(16),
    type: '$streamDeleted',
    isJson: false,
    createdMs: 0,
    data: empty,
    metadata: empty,
  });
  const read = ReadResp.deserializeBinary(encoded).getEvent()?.getEvent();
  expect(read?.getStreamRevision()).toBe('9223372036854775807');
});

test('what is no event has the forms that the client asks for', () => {
  expect(ReadResp.deserializeBinary(encodeCaughtUp()).hasCaughtUp()).toBe(true);
  expect(ReadResp.deserializeBinary(encodeFellBehind()).hasFellBehind()).toBe(true);
  expect(
    ReadResp.deserializeBinary(encodeConfirmation('id-1')).getConfirmation()?.getSubscriptionId(),
  ).toBe('id-1');
  const checkpoint = (isBefore: boolean) =>
    ReadResp.deserializeBinary(encodeCheckpoint({ sequence: 3, isBefore })).getCheckpoint();
  expect(checkpoint(false)?.toObject()).toEqual({ commitPosition: '384', preparePosition: '384' });
  expect(checkpoint(true)?.toObject()).toEqual({ commitPosition: '384', preparePosition: '0' });
  const missing = ReadResp.deserializeBinary(encodeStreamNotFound('süß')).getStreamNotFound();
  const name = missing?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
  expect(Buffer.from(name).toString('utf8')).toBe('süß');
});

test('a link is read by the generated classes beside its target, or alone when that one is gone', () => {
  fc.assert(
    fc.property(event, fc.option(event, { nil: undefined }), (link, target) => {
      const response = ReadResp.deserializeBinary(encodeReadLink(link, target)).getEvent();
      const alone = (of: typeof link) =>
        ReadResp.deserializeBinary(encodeReadEvent(of)).getEvent()?.getEvent()?.toObject();
      expect(response?.getLink()?.toObject()).toEqual(alone(link));
      expect(response?.getEvent()?.toObject()).toEqual(target && alone(target));
      expect(response?.getCommitPosition()).toBe(String(BigInt(link.sequence) * 128n));
    }),
  );
});
