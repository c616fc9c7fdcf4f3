import fc from 'fast-check';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { currentVersion, EventTooNew, upcast, type Lifts } from '../../../../domain/events/upcast';
import { scheduled, t } from '../../../support/jobs';
import { toTimestamp } from '../../../../domain/time';

/** A type that has changed twice: queues became explicit, then retries a policy. */
const lifts: Lifts = {
  JobScheduled: [
    (v1) => ({ ...v1, queue: 'default' }),
    ({ retries, ...v2 }) => ({ ...v2, retry: { maxAttempts: retries } }),
  ],
};

describe('a lift', () => {
  test.each`
    version | data                                                          | why
    ${1}    | ${{ name: 'a', retries: 3 }}                                  | ${'both lifts, the oldest first'}
    ${2}    | ${{ name: 'a', retries: 3, queue: 'default' }}                | ${'only what came after it'}
    ${3}    | ${{ name: 'a', retry: { maxAttempts: 3 }, queue: 'default' }} | ${'it is current'}
  `('from version $version: $why', ({ version, data }: { version: number; data: object }) => {
    expect(upcast('JobScheduled', version, { ...data }, lifts)).toEqual({
      name: 'a',
      queue: 'default',
      retry: { maxAttempts: 3 },
    });
  });

  test('loses nothing that it does not know', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (extra) => {
        const { retries: _, retry: __, queue: ___, ...others } = extra;
        expect(upcast('JobScheduled', 1, { ...others, retries: 1 }, lifts)).toMatchObject(others);
      }),
    );
  });

  test('leaves what is stored as it is', () => {
    const stored = Object.freeze({ name: 'a', retries: 3 });
    upcast('JobScheduled', 1, stored, lifts);
    expect(stored).toEqual({ name: 'a', retries: 3 });
  });

  test('counts: a type without lifts is at version 1, with two of them at 3', () => {
    expect(currentVersion('JobScheduled', lifts)).toBe(3);
    expect(currentVersion('JobStarted', lifts)).toBe(1);
    expect(upcast('JobStarted', 1, { attempt: 1 }, lifts)).toEqual({ attempt: 1 });
  });

  test.each([0, -1, 1.5, Number.NaN])('%d is no version, so no lift is chosen by it', (version) => {
    expect(() => upcast('JobScheduled', version, {}, lifts)).toThrow(/is none/);
  });
});

describe('an event of a version that this build does not know', () => {
  const metadata = {
    $correlationId: 'c',
    $causationId: 'c',
    commandId: 'c',
    actor: { kind: 'user', id: 'ada' },
    at: toTimestamp(t(0)),
    schemaVersion: 2,
  };
  const stored = { ...scheduled(), metadata, revision: 0n };

  test('stops whoever reads it, and the error names type, version and what to do', () => {
    expect(() => decodeJobEvent(stored)).toThrow(EventTooNew);
    expect(() => decodeJobEvent(stored)).toThrow(
      'JobScheduled v2 is newer than this build, which knows up to v1: upgrade this build',
    );
  });

  test('and so does a type that it does not know', () => {
    expect(() => decodeJobEvent({ ...stored, type: 'JobPaused' })).toThrow(EventTooNew);
  });

  test('with lifts: the version after the last one is too new, too', () => {
    expect(() => upcast('JobScheduled', 4, {}, lifts)).toThrow(/v4 is newer .* up to v3/);
  });
});
