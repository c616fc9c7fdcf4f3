import {
  atGap,
  atOverlap,
  isElapsing,
  whenMeeting,
  whenMissing,
} from '../../../../console/schedules/consequences';
import { clockChanges } from '../../../../console/time/clock-change';
import { wallClock } from '../../../../console/time/format';
import { preview } from '../../../../domain/schedule/timing/answers/preview';
import { at, compiled, type Wanted } from '../../../support/timing';

const now = at('2026-11-30T12:00:00Z');
const zone = 'Europe/Berlin';
const told = { zone, now };
const { forward, back } = clockChanges(zone, now);

const around = (change: typeof forward, rule: string, clockChange: Wanted['clockChange']) => {
  if (!change) throw new Error('clocks of Berlin change');
  const from = change.at + Math.min(0, change.byMs) - 1_000;
  const timing = compiled(rule, { zone, ...(clockChange && { clockChange }) });
  const { occurrences, skipped, ...rest } = preview(timing, from, 100);
  return {
    change,
    found: {
      ...{ occurrences: [...occurrences], skipped: [...skipped] },
      ...{ tzdata: rest.tzdata, meaning: [...rest.meaning] },
    },
  };
};
const gap = (rule: string, clockChange?: Wanted['clockChange']): string =>
  atGap(around(forward, rule, clockChange), told);
const overlap = (rule: string, clockChange?: Wanted['clockChange']): string =>
  atOverlap(around(back, rule, clockChange), told);

/** As the reader writes it, whoever runs this. */
const clock = (time: string): string => wallClock(time);

test('clocks of a zone are found to go forward and back, and those of UTC never', () => {
  expect(forward).toEqual({ at: at('2027-03-28T01:00:00Z'), byMs: 3_600_000 });
  expect(back).toEqual({ at: at('2027-10-31T01:00:00Z'), byMs: -3_600_000 });
  expect(clockChanges('UTC', now)).toEqual({ forward: undefined, back: undefined });
  // half an hour, and in the other half of the year
  expect(clockChanges('Australia/Lord_Howe', now).back?.byMs).toBe(-1_800_000);
});

test('a run whose time clocks leave out is told with the time that it runs at instead', () => {
  expect(gap('30 2 * * *')).toContain(`runs at ${clock('03:30')}, for ${clock('02:30')} that`);
  expect(gap('30 2 * * *', { gap: 'gap-end' })).toContain(`runs at ${clock('03:00')}, for`);
  expect(gap('30 2 * * *')).toMatch(/^On .*28/);
});

test('a run that is left out with its time is told; of many some, and how many more', () => {
  expect(gap('30 2 * * *', { gap: 'skip' })).toContain(`it does not run at ${clock('02:30')}, for`);
  expect(gap('* * * * *')).toContain(`${clock('02:00')}, ${clock('02:01')}, and 58 more times`);
});

test('runs of another day are no consequence of a change of clocks', () => {
  expect(gap('30 2 * * 1-5')).toMatch(
    /^This rule meets none in the coming year: clocks leave out .* on .*28/,
  );
  expect(overlap('30 2 * * 1-5')).toMatch(
    /^This rule meets none in the coming year: clocks show twice /,
  );
  // it has such a time in another year, which is not the next one
  expect(gap('30 2 26 3 *')).toMatch(/^This rule meets none in the coming year/);
  expect(gap('30 2 26 3 *', { gap: 'skip' })).toMatch(/^This rule meets none in the coming year/);
});

test('a run whose time is shown twice is told with how often it comes', () => {
  expect(overlap('30 2 * * *')).toMatch(/the first time, and not again 1 h later\.$/);
  expect(overlap('30 2 * * *', { overlap: 'second' })).toMatch(
    /second time, and not 1 h before\.$/,
  );
  expect(overlap('0 * * * *')).toMatch(/both times, 1 h apart\.$/);
});

const next = ['2026-12-01T01:30:00Z', '2026-12-02T01:30:00Z', '2026-12-03T01:30:00Z'].map(
  (dueAt) => ({ dueAt }),
);

test('what becomes of two runs that meet is told by the next two and the time between them', () => {
  const text = whenMeeting('skip', next, told);
  expect(text).toMatch(
    /takes more than 1 d, the one of .*2.* is due meanwhile: that one is left out/,
  );
  expect(whenMeeting('allow', next.slice(0, 1), told)).toBe(
    'It runs once more, and meets no other run.',
  );
  expect(whenMeeting('allow', [], told)).toBeUndefined();
});

test('what was missed is told by the next three, as many as may run', () => {
  expect(whenMissing({ policy: 'skip' }, next, told)).toMatch(/none of these 3 runs\.$/);
  expect(whenMissing({ policy: 'fire-once' }, next, told)).toMatch(/the one of .*3.* runs then/);
  expect(whenMissing({ policy: 'fire-all', limit: 10 }, next, told)).toMatch(/: all 3 run then/);
  expect(whenMissing({ policy: 'fire-all', limit: 2 }, next, told)).toMatch(/: the newest 2 run/);
});

test('of time that elapses no clock decides, of days it does', () => {
  expect(isElapsing({ every: 'R/2026-01-01T00:00:00/PT90M' })).toBe(true);
  expect(isElapsing({ every: 'R/2026-01-01T00:00:00/P2D' })).toBe(false);
  expect(isElapsing({ cron: '0 * * * *' })).toBe(false);
});
