import fc from 'fast-check';
import { exactInstant } from '../../../../domain/events/fields';
import { toTimestamp } from '../../../../domain/time';
import {
  envelopeOf,
  NewerEventVersion,
  jobKinds,
  storedFact,
} from '../../../../projections/audit/stored-fact';
import type { StoredBytes } from '../../../../projections/reading/log-scan';
import { propertyRuns } from '../../../support/rounds';

const metadata = {
  $correlationId: 'c',
  $causationId: 'c',
  commandId: 'c',
  actor: { kind: 'user', id: 'Zoë' },
  at: '2026-11-23T12:00:00.000Z',
  schemaVersion: 1,
};

const stored = (data: string | Uint8Array, meta: object = metadata): StoredBytes => ({
  id: 'e',
  stream: 'job-019ab000-0000-7000-8000-000000000001',
  type: 'JobRedriven',
  contentType: 'application/json',
  revision: 3n,
  position: 512n,
  createdTicks: 0n,
  data: Buffer.from(data as string), // a copy, whichever it is
  metadata: Buffer.from(JSON.stringify(meta)),
});
const dueAt = '{"dueAt":"2026-11-23T12:00:50.000Z"}';

test('an event is read from its bytes, its time from the metadata', () => {
  expect(storedFact(jobKinds, stored(dueAt))).toMatchObject({
    kind: 'event',
    event: {
      at: Date.UTC(2026, 10, 23, 12),
      dueAt: Date.UTC(2026, 10, 23, 12, 0, 50),
      revision: 3,
    },
  });
});

test.each([
  ['no JSON', stored('{"dueAt"')],
  ['no object', stored('[]')],
  ['null in place of an object', stored('null')],
  ['no UTF-8', stored(Uint8Array.of(0x7b, 0xff, 0x7d))],
  ['no time', stored(dueAt, { ...metadata, at: 'noon' })],
  ['no version', stored(dueAt, { ...metadata, schemaVersion: 'one' })],
  ['a version below the first', stored(dueAt, { ...metadata, schemaVersion: 0 })],
])('an event with %s is unreadable', (_what, event) => {
  expect(storedFact(jobKinds, event)).toMatchObject({ kind: 'unreadable' });
});

const deep = `${'['.repeat(600)}${']'.repeat(600)}`;

test.each([
  ['JobTurnedBlue', dueAt, 'JobTurnedBlue is no event of a job'],
  ['JobRedriven', '{}', 'JobRedriven has no dueAt that makes sense'],
  ['JobRedriven', `{"x":${deep}}`, 'the data of JobRedriven is nested deeper than 512 levels'],
])('what is wrong with an event is told: %s %.9s', (type, data, why) => {
  expect(storedFact(jobKinds, { ...stored(data), type })).toEqual({ kind: 'unreadable', why });
});

test('a version that this build does not know stops everything, and names the event', () => {
  const future = stored(dueAt, { ...metadata, schemaVersion: 2 });
  expect(() => storedFact(jobKinds, future)).toThrow(NewerEventVersion);
  expect(() => storedFact(jobKinds, future)).toThrow(
    /revision 3 of job-.*, position 512, has schema version 2/,
  );
});

const awkward = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"at":"2026-11-23T12:00:00.000Z"', '","at":"x', '\\', '}', '"schemaVersion":2}'),
);

test('the quick way to the time and the version finds what JSON.parse finds, whatever the metadata is', () => {
  const written = fc.record(
    {
      $correlationId: awkward,
      $causationId: awkward,
      commandId: awkward,
      actor: fc.record(
        { kind: awkward, id: awkward, at: awkward },
        { requiredKeys: ['kind', 'id'] },
      ),
      at: fc.oneof(
        awkward,
        fc.integer().map((ms) => toTimestamp(Math.abs(ms))),
      ),
      traceparent: awkward,
      fingerprint: awkward,
      schemaVersion: fc.oneof(fc.integer(), awkward, fc.double()),
      more: awkward,
    },
    {
      requiredKeys: ['$correlationId', '$causationId', 'commandId', 'actor', 'at', 'schemaVersion'],
    },
  );
  fc.assert(
    fc.property(
      written,
      fc.constantFrom('', ' ', ',"at":"2026-01-01T00:00:00.000Z"}'),
      (value, tail) => {
        const text = JSON.stringify(value);
        const whole = tail === '' ? text : tail === ' ' ? text + tail : text.slice(0, -1) + tail;
        const read = JSON.parse(whole) as { readonly at: unknown; readonly schemaVersion: unknown };
        const at = exactInstant(read.at);
        const isTold = !Number.isNaN(at) && typeof read.schemaVersion === 'number';
        expect(envelopeOf(whole)).toEqual(
          isTold ? { at, recordedAt: read.at, version: read.schemaVersion } : undefined,
        );
      },
    ),
    { numRuns: propertyRuns(2_000) },
  );
});

test('a timestamp that we wrote reads as the instant it was written for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9_999, 11) }), (at) => {
      expect(exactInstant(toTimestamp(at))).toBe(at);
    }),
  );
});

test.each([
  ...['', '0', '2026', '2026-11-23', '2026-11-23T12:00:00Z', '2026-11-23 12:00:00.000Z'],
  ...['2026-11-23T12:00:00.000+', '2026-13-23T12:00:00.000Z', '2026-11-23T24:00:00.000Z'],
  ...['2026-11-23T12:60:00.000Z', '2026-11-23T12:00:00.0a0Z', '2026-11-23T 2:00:00.000Z'],
])('%j is no timestamp of ours', (text) => {
  expect(exactInstant(text)).toBeNaN();
});
