import type { StatusChange } from '../../../console/http/answers';
import { comeAfter, MOST_NEW, type Come } from '../../../console/jobs/new-jobs';

const change = (jobId: string, more: Partial<StatusChange> = {}): StatusChange => ({
  ...{ position: '7', jobId, ownerId: 'alice', name: `Named ${jobId}`, status: 'scheduled' },
  ...{ revision: 1, attempt: 0, dueAt: '2026-11-29T12:00:00.000Z', at: '2026-11-29T10:00:00.000Z' },
  ...more,
});
const NONE: Come = new Map();
const WHOLE = { has: (jobId: string) => jobId === 'shown', downTo: undefined };

test('what comes is counted once, unless it is on the list or below what was read of it', () => {
  const shown = { ...WHOLE, downTo: Date.parse('2026-11-29T11:00:00.000Z') };
  const changes = [
    change('new'),
    change('new', { revision: 2, status: 'queued' }),
    change('shown'),
    change('below', { dueAt: '2026-11-29T10:59:59.000Z' }),
  ];
  expect([...comeAfter(NONE, changes, {}, shown)]).toEqual([['new', true]]);
});

test('what no longer fits is no longer counted, and what a change cannot tell is not sure', () => {
  const come = comeAfter(NONE, [change('one'), change('other')], { status: 'scheduled' }, WHOLE);
  const ran = change('one', { status: 'running' });
  expect([...comeAfter(come, [ran], { status: 'scheduled' }, WHOLE)]).toEqual([['other', true]]);
  expect([...comeAfter(NONE, [change('one')], { tag: 'x' }, WHOLE)]).toEqual([['one', false]]);
});

test('a list that nothing comes to is not drawn again: what was counted is the same', () => {
  const come = comeAfter(NONE, [change('one')], {}, WHOLE);
  expect(comeAfter(come, [change('one'), change('shown')], {}, WHOLE)).toBe(come);
});

test('a list that is left open for a night keeps no more than are told apart', () => {
  const many = Array.from({ length: MOST_NEW + 500 }, (_, n) => change(String(n)));
  const come = comeAfter(NONE, many, {}, WHOLE);
  expect(come.size).toBe(MOST_NEW);
  expect(comeAfter(come, [change('one more')], {}, WHOLE)).toBe(come);
  expect(comeAfter(come, [change('0')], { q: 'else' }, WHOLE).size).toBe(MOST_NEW - 1);
});
