import fc from 'fast-check';
import { tombstoneRevision } from '../../../core/events';
import { decodeCopyRow, encodeCopyRows } from '../../../store/copy-rows';

const HEADER_BYTES = 19;
const TRAILER_BYTES = 2;

const text = fc.string({ unit: 'grapheme', maxLength: 100 });
const bytes = fc.uint8Array({ maxLength: 2_000 }).map((b) => Buffer.from(b));
const event = fc.record({
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  stream: text,
  revision: fc.oneof(fc.nat(), fc.constant(tombstoneRevision)),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b)),
  type: text,
  isJson: fc.boolean(),
  createdMs: fc.integer({ min: 0, max: 4e12 }),
  data: bytes,
  metadata: bytes,
});

test('a row reads as the event that was written, whether the header comes before it or not', () => {
  fc.assert(
    fc.property(event, (recorded) => {
      const written = encodeCopyRows([recorded]).subarray(0, -TRAILER_BYTES);
      expect(decodeCopyRow(written)).toEqual(recorded);
      expect(decodeCopyRow(written.subarray(HEADER_BYTES))).toEqual(recorded);
    }),
  );
});

test('header and trailer alone are no row', () => {
  const empty = encodeCopyRows([]);
  expect(decodeCopyRow(empty.subarray(0, HEADER_BYTES))).toBeUndefined();
  expect(decodeCopyRow(empty.subarray(HEADER_BYTES))).toBeUndefined();
});

test('an event outlives the bytes that it was read from, which the driver writes over', () => {
  const [recorded] = fc.sample(event, 1);
  if (!recorded) throw new RangeError('there is one event');
  const written = encodeCopyRows([recorded]).subarray(0, -TRAILER_BYTES);
  const read = decodeCopyRow(written);
  written.fill(0);
  expect(read).toEqual(recorded);
});
