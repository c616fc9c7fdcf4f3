import { UnknownEventType } from '../../../../domain/events/upcast';
import { isOmission, omissionText } from '../../../../domain/job/omission';
import { decodeWholeEvent } from '../../../../domain/job/stored-event';
import { attemptFailed, dispatched, scheduled, t } from '../../../support/jobs';
import { toTimestamp } from '../../../../domain/time';

const actor = { kind: 'user', id: 'ada' };
const metadata = { at: toTimestamp(t(0)), schemaVersion: 1, actor };
const stored = (event: { type: string; data: object }, more: object = {}) => ({
  ...event,
  metadata: { ...metadata, ...more },
  revision: 7n,
});

test('an event that is whole is read', () => {
  expect(decodeWholeEvent(stored(dispatched()))).toMatchObject({ ...dispatched(), revision: 7n });
});

test('a type that no build ever had is told from one of a newer build, so that lists go on without it', () => {
  expect(() => decodeWholeEvent(stored({ type: 'JobPaused', data: {} }))).toThrow(UnknownEventType);
});

test.each([
  ['nobody', undefined],
  ['a text', 'ada'],
  ['somebody without an id', { kind: 'user' }],
  ['somebody of no kind', { id: 'ada' }],
  ['a kind that is no text', { kind: 1, id: 'ada' }],
])('an event by %s is refused: who did it is part of what happened', (_who, nobody) => {
  expect(() => decodeWholeEvent(stored(dispatched(), { actor: nobody }))).toThrow(
    'JobDispatched at revision 7 has no actor',
  );
});

test.each<[field: string, event: { type: string; data: object }, change: object]>([
  ['cause', attemptFailed(1), { cause: 'gossip' }],
  ['cause', attemptFailed(1), { cause: ['reported'] }],
  ['cause', attemptFailed(1), { cause: 'constructor' }],
  ['retry', scheduled(), { retry: null }],
  ['retry', scheduled(), { retry: { maxAttempts: 0 } }],
  ['dueAt', scheduled(), { dueAt: undefined }],
  ['tags', scheduled(), { tags: 'green' }],
  ['tags', scheduled(), { tags: [1] }],
  ['timeoutMs', scheduled(), { timeoutMs: -1 }],
  ['maxLatenessMs', scheduled(), { maxLatenessMs: 0.5 }],
  ['attempt', dispatched(), { attempt: 0 }],
])('a %s that makes no sense is named, before anybody decides by it', (field, event, change) => {
  const damaged = stored({ ...event, data: { ...event.data, ...change } });
  expect(() => decodeWholeEvent(damaged)).toThrow(`has no ${field} that makes sense`);
});

test.each([
  ['a result that is whole', { paid: true }, undefined],
  ['no result', undefined, undefined],
  ['null', null, undefined],
  ['a text', 'omitted', undefined],
  ['a reason of the product', { omitted: 'too-deep' }, 'it is nested too deeply'],
  ['a field of the job that happens to be called so', { omitted: ['too-deep'] }, undefined],
  ['a name that objects have by themselves', { omitted: 'constructor' }, undefined],
])('of %s nothing but what Punctual left out is told as left out', (_what, result, told) => {
  expect(omissionText(result as Parameters<typeof omissionText>[0])).toBe(told);
});

test('a reason for leaving something out is one of a list', () => {
  expect([isOmission('too-deep'), isOmission('too-dull'), isOmission(['too-deep'])]).toEqual([
    true,
    false,
    false,
  ]);
});
