import { boundedBy, boundsOf, noBounds, timeProblem } from '../../../../console/schedules/bounds';

const timeZone = 'Europe/Berlin';

test('what narrows a rule comes back as it was written, to the millisecond and the empty list', () => {
  const kept = {
    ...{ timeZone, startAt: '2026-12-01T08:00:00.250Z', endAt: '2027-12-01T08:00:00.000Z' },
    ...{ maxCount: 40, exclude: [], monthEnd: 'last' as const, spreadMs: 90_000 },
  };
  const { timeZone: _, ...bounded } = kept;
  expect(boundedBy(boundsOf(kept), timeZone, kept)).toEqual(bounded);
});

test('what is emptied narrows no more', () => {
  const kept = { timeZone, startAt: '2026-12-01T08:00:00.000Z', exclude: ['2026-12-25'] };
  expect(boundedBy(noBounds, timeZone, kept)).toEqual({});
});

test('times are those of the clocks of the schedule, and days stand in lines or beside each other', () => {
  const bounds = { ...noBounds, start: '2026-12-01T09:00', exclude: '2026-12-25, 2026-12-26\n' };
  expect(boundedBy(bounds, timeZone)).toEqual({
    startAt: '2026-12-01T08:00:00.000Z',
    exclude: ['2026-12-25', '2026-12-26'],
  });
});

test('the same time on the clocks of another zone is another instant', () => {
  const kept = { timeZone, startAt: '2026-12-01T08:00:00.000Z' };
  expect(boundedBy(boundsOf(kept), 'UTC', kept).startAt).toBe('2026-12-01T09:00:00.000Z');
});

test('a time that clocks leave out is told, none is no problem', () => {
  expect(timeProblem('2027-03-28T02:30', timeZone)).toBe(
    'Clocks of Europe/Berlin do not show such a time.',
  );
  expect(timeProblem('', timeZone)).toBeUndefined();
  expect(timeProblem('2027-03-28T03:30', timeZone)).toBeUndefined();
});
