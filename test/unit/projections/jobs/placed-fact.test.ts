import { storedPlacedFact } from '../../../../projections/jobs/placed-fact';
import { recorded, testJobId } from '../../../support/job-histories';
import { started, t } from '../../../support/jobs';
import { storedBytes } from '../../../support/stored-log';

const event = recorded(testJobId(1), 2n, 70n, started());
const fact = {
  ...{ ...started(), at: t(0), revision: 2n, position: 70n },
  recordedAt: '2026-11-23T12:00:00.000Z',
};

test.each([
  ['as this product writes them', event.metadata as object],
  ['with a key of somebody else', { more: 1, ...(event.metadata as object) }],
])('an event is read from its bytes with metadata %s', (_what, metadata) => {
  expect(storedPlacedFact(storedBytes({ ...event, metadata }, 0))).toStrictEqual(fact);
});

test('metadata that are no text cannot be read', () => {
  const stored = { ...storedBytes(event, 0), metadata: Uint8Array.of(0x7b, 0xff, 0x7d) };
  expect(() => storedPlacedFact(stored)).toThrow('JobStarted has no data or metadata');
});
