import { recordedAt, settledAt } from '../../../../projections/reading/recorded-at';
import { storedBytes } from '../../../support/stored-log';

const AT = Date.UTC(2026, 10, 23, 12);
const STORED = AT + 5_000;

const BEFORE = '"at":"1999';

/** An event whose metadata is this text, in the middle of a buffer, as drivers give it. */
const withMetadata = (metadata: string) => ({
  ...storedBytes(
    {
      ...{ id: 'e', stream: 'job-x', type: 'T', data: {}, metadata: {} },
      ...{ revision: 0n, position: 0n },
    },
    STORED,
  ),
  metadata: Buffer.from(BEFORE + metadata).subarray(BEFORE.length),
});

test.each`
  metadata                                                   | at        | why
  ${'{"at":"2026-11-23T12:00:00.000Z","x":1}'}               | ${AT}     | ${'it says when'}
  ${'{"x":"\\"at\\":\\"1","at":"2026-11-23T12:00:00.000Z"}'} | ${AT}     | ${'inside of a text the key is escaped'}
  ${'{"x":1}'}                                               | ${STORED} | ${'it does not say'}
  ${'{"":"2026-11-23T12:00:00.000Z"}'}                       | ${STORED} | ${'it says a time, but not which'}
  ${'{"at":"noon"}'}                                         | ${STORED} | ${'it says what is no time'}
`('the time of $metadata, for $why', ({ metadata, at }: { metadata: string; at: number }) => {
  expect(recordedAt(withMetadata(metadata))).toBe(at);
});

test('a clock that is ahead does not speak for all events after it', () => {
  const event = withMetadata('{}');
  expect(settledAt(event, STORED + 1)).toBe(STORED);
  expect(settledAt(event, STORED - 1)).toBe(STORED - 1);
});
