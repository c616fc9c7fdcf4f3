import * as fc from 'fast-check';
import { eventEncoder, type SealedEvent } from '../../../../domain/seal/event-bytes';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 12 });
const number = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const events: fc.Arbitrary<SealedEvent> = fc.record({
  ...{ position: number, revision: number, createdTicks: number },
  ...{ stream: text, id: text, type: text, contentType: text },
  ...{ data: bytes, metadata: bytes },
});

/** Reads what the docstring of the encoder says, and nothing of its code. */
const decode = (encoded: Uint8Array): SealedEvent => {
  const buffer = Buffer.from(encoded);
  expect(buffer[0]).toBe(0);
  let at = 25;
  const field = (): Buffer => {
    const length = buffer.readUInt32BE(at);
    const value = buffer.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  const [stream, id, type, contentType] = [field(), field(), field(), field()].map(String);
  const [data, metadata] = [field(), field()].map((value) => Uint8Array.from(value));
  expect(at).toBe(buffer.length);
  return {
    position: buffer.readBigUInt64BE(1),
    revision: buffer.readBigUInt64BE(9),
    createdTicks: buffer.readBigUInt64BE(17),
    ...{ stream, id, type, contentType, data, metadata },
  } as SealedEvent; // every field was read
};

test('the bytes give back the whole event, so no two events have the same', () => {
  const encode = eventEncoder();
  fc.assert(
    fc.property(events, (event) => {
      expect(decode(encode(event))).toEqual(event);
    }),
  );
});

test('an event larger than the room kept for it is encoded whole', () => {
  const [event] = fc.sample(events, 1);
  if (!event) throw new Error('no sample');
  const large = { ...event, data: new Uint8Array(100_000).fill(7), stream: '日'.repeat(3_000) };
  expect(decode(eventEncoder()(large))).toEqual(large);
});
