import { jobsTables } from '../../../../projections/jobs/tables';

test.each([
  ['status_feed', '2026-11-22T12:05:00.000Z'],
  ['lateness', '2026-10-24T12:05:00.000Z'],
])(
  'of %s a replay compares what is younger than what is kept, with room: the live one may be trimmed already',
  (table, from) => {
    const now = Date.UTC(2026, 10, 23, 12);
    expect(jobsTables[table]?.where?.(now)).toBe(`t.at >= '${from}'`);
  },
);
