import { jsonOf, recordedEvent, textOf } from '../../../../projections/reading/log-scan';
import { storedBytes } from '../../../support/stored-log';

const noText = Uint8Array.of(0x7b, 0xff, 0x7d);

test('bytes that are no text or no JSON read as undefined, for a scan goes on after them', () => {
  expect(textOf(Buffer.from('ä'))).toBe('ä');
  expect(textOf(noText)).toBeUndefined();
  expect(jsonOf(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
  expect(jsonOf(Buffer.from('{"a"'))).toBeUndefined();
  expect(jsonOf(noText)).toBeUndefined();
});

const event = {
  ...{ id: 'e', stream: 'job-x', type: 'T', data: { a: 1 }, metadata: { b: 2 } },
  ...{ revision: 3n, position: 7n },
};

test('an event that was scanned is what a subscription gives, with both numbers of its place', () => {
  expect(recordedEvent(storedBytes(event, 0))).toStrictEqual(event);
  expect(recordedEvent({ ...storedBytes(event, 0), prepare: 5n })).toStrictEqual({
    ...event,
    prepare: 5n,
  });
});
