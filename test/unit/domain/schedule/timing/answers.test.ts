import { leftOut } from '../../../../../domain/schedule/timing/answers/left-out';
import { moves } from '../../../../../domain/schedule/timing/answers/moves';
import {
  isDueAt,
  newestOf,
  next,
  occurrences,
  rangeOf,
} from '../../../../../domain/schedule/timing/answers/next';
import { preview } from '../../../../../domain/schedule/timing/answers/preview';
import type { Zone, ZoneTables } from '../../../../../domain/schedule/timing/calendar/zone';
import { at, compiled, nextOf, textOf } from '../../../../support/timing';

const HOUR = 3_600;

/** A table of one zone, made for a test. */
const tablesOf = (version: string, ...changes: (readonly [string, number])[]): ZoneTables => {
  const zone: Zone = {
    name: 'Test/Zone',
    starts: [-Infinity, ...changes.slice(1).map(([text]) => at(text) / 1_000)],
    offsets: changes.map(([, hours]) => hours * HOUR),
  };
  return { version, zone: (name) => (name === zone.name ? zone : undefined) };
};

describe('a preview says what a person decides by', () => {
  test('over a spring change: what was moved, and why', () => {
    const timing = compiled('30 2 * * *', { zone: 'Europe/Berlin' });
    expect(preview(timing, at('2026-03-28T12:00:00Z'), 2)).toEqual({
      occurrences: [
        {
          dueAt: '2026-03-29T01:30:00.000Z',
          localTime: '2026-03-29T03:30:00+02:00',
          note: 'clocks leave out 02:30:00 here: it runs as much later as they jump',
        },
        { dueAt: '2026-03-30T00:30:00.000Z', localTime: '2026-03-30T02:30:00+02:00' },
      ],
      skipped: [],
      meaning: ['Every day.'],
      tzdata: '2026f',
    });
  });

  test('over an autumn change: which of two it is, and whether the other runs too', () => {
    const wanted = { zone: 'Europe/Berlin' };
    const from = at('2026-10-24T12:00:00Z');
    const noteOf = (rule: string) =>
      preview(compiled(rule, wanted), from, 12)
        .occurrences.filter(({ localTime }) => localTime.startsWith('2026-10-25T02:00'))
        .map(({ note }) => note);
    expect(noteOf('0 2 * * *')).toEqual([
      'clocks show 02:00:00 twice, this is the first time and it runs once',
    ]);
    expect(noteOf('0 */2 * * *')).toEqual([
      'clocks show 02:00:00 twice, this is the first time and it runs both times',
      'clocks show 02:00:00 twice, this is the second time and it runs both times',
    ]);
  });

  test('what does not run is listed with its reason, in the order of time', () => {
    const timing = compiled('DTSTART:20260301T023000\nRRULE:FREQ=DAILY\nEXDATE:20260310T023000', {
      zone: 'America/New_York',
      clockChange: { gap: 'skip' },
      exclude: ['2026-03-07', '2026-03-10'],
    });
    expect(preview(timing, at('2026-03-06T12:00:00Z'), 2).skipped).toEqual([
      { localTime: '2026-03-07T02:30:00-05:00', reason: 'the day is in `exclude`' },
      { localTime: '2026-03-08T02:30:00', reason: 'clocks leave out this time, and `gap` is skip' },
      { localTime: '2026-03-10T02:30:00-04:00', reason: 'EXDATE names it' },
    ]);
  });

  test.each`
    rule                  | meaning
    ${'0 16 4 * FRI'}     | ${['On day 4 of the month, and also on Friday: where both day fields name days, a day of either counts.']}
    ${'0 0 1-7 * */2'}    | ${['On day 1 to 7 of the month, but only if it is Sunday, Tuesday, Thursday, Saturday: a day field that begins with * restricts the other one.']}
    ${'*/45 * * * *'}     | ${['Every day.', 'At minute 0, 45, and then again from 0 on; for an interval of 45 minutes use `every` with PT45M.']}
    ${'0 0 29,31 * *'}    | ${['On day 29, 31 of the month.', 'A month without day 29, 31 has no occurrence for it; monthEnd "last" takes its last day.']}
    ${'0 0 L-3,15W * 5L'} | ${['On 3 days before the last day of the month, the Monday to Friday nearest to day 15 in the same month, and also on the last Friday of the month: where both day fields name days, a day of either counts.']}
  `('$rule is read as $meaning', ({ rule, meaning }) => {
    expect(preview(compiled(rule as string), 0, 1).meaning).toEqual(meaning);
  });
});

describe('many occurrences are one fact', () => {
  const [day, later] = [at('2026-06-01T00:00:00Z'), at('2026-06-02T00:00:00Z')];
  const window = { after: day, until: later };

  test('a rule of every second that was down for a day: how many, and the newest hundred', () => {
    const timing = compiled('* * * * * *');
    expect(rangeOf(timing, window)).toEqual({ count: 86_400, first: day + 1_000, last: later });
    const newest = newestOf(timing, window, 100);
    expect(newest).toHaveLength(100);
    expect([newest[0], newest.at(-1)]).toEqual([later - 99_000, later]);
  });

  test('a year of seconds is counted, not walked: the leap day and the excluded one are right', () => {
    const timing = compiled('* * * * * *', { exclude: ['2028-05-05'] });
    const year = { after: at('2027-12-31T23:59:59Z'), until: at('2028-12-31T23:59:59Z') };
    const before = process.cpuUsage().user;
    expect(rangeOf(timing, year).count).toBe(365 * 86_400);
    expect(newestOf(timing, year, 3)).toHaveLength(3);
    expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(500); // walking takes ten seconds
  });

  test('an empty window holds nothing, nor does one that is turned round', () => {
    const timing = compiled('0 9 * * *');
    expect(rangeOf(timing, { after: day, until: day })).toEqual({ count: 0 });
    expect(rangeOf(timing, { after: later, until: day })).toEqual({ count: 0 });
    expect(newestOf(timing, { after: later, until: day }, 5)).toEqual([]);
    expect([...occurrences(timing, { after: later, until: day })]).toEqual([]);
  });

  test('fewer than asked for are all of them', () => {
    const timing = compiled('0 0 1 1 *');
    const years = { after: at('2026-06-01T00:00:00Z'), until: at('2029-06-01T00:00:00Z') };
    expect(newestOf(timing, years, 100).map(textOf)).toEqual([
      '2027-01-01T00:00:00Z',
      '2028-01-01T00:00:00Z',
      '2029-01-01T00:00:00Z',
    ]);
  });
});

describe('where a schedule ends', () => {
  test('maxCount counts what runs after the change: neither what was before nor what is excluded', () => {
    const timing = compiled('0 9 * * *', {
      from: '2026-06-10T12:00:00Z',
      maxCount: 3,
      exclude: ['2026-06-12'],
    });
    expect(nextOf(timing, '2026-06-10T12:00:00Z', 9)).toEqual([
      '2026-06-11T09:00:00Z',
      '2026-06-13T09:00:00Z',
      '2026-06-14T09:00:00Z',
    ]);
    expect(next(timing, at('2026-06-14T09:00:00Z'))).toBeUndefined();
  });

  test('maxCount of a million is found without a million steps', () => {
    const timing = compiled('* * * * * *', { from: '2026-01-01T00:00:00Z', maxCount: 1_000_000 });
    const last = at('2026-01-01T00:00:00Z') + 1_000_000_000;
    expect([next(timing, last - 1_000), next(timing, last)]).toEqual([last, undefined]);
  });

  test('an instant within a second is before the next second, and none of its own', () => {
    const timing = compiled('* * * * * *');
    const second = at('2026-06-01T00:00:00Z');
    expect(next(timing, second + 1)).toBe(second + 1_000);
    expect(next(timing, second - 1)).toBe(second);
    expect([isDueAt(timing, second), isDueAt(timing, second + 1)]).toEqual([true, false]);
  });

  test('COUNT counts a moved time, but none that is left out (RFC 5545, 3.3.10)', () => {
    const rule = 'DTSTART:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3';
    const zone = 'America/New_York';
    const lastOf = (gap: 'shift' | 'skip') =>
      nextOf(compiled(rule, { zone, clockChange: { gap } }), '2026-03-01T00:00:00Z', 9).at(-1);
    expect(lastOf('shift')).toBe('2026-03-09T06:30:00Z');
    expect(lastOf('skip')).toBe('2026-03-10T06:30:00Z');
  });

  test('a local EXDATE takes away what the policy made of that time', () => {
    const rule = 'DTSTART:20260307T023000\nRRULE:FREQ=DAILY\nEXDATE:20260308T023000';
    expect(nextOf(compiled(rule, { zone: 'America/New_York' }), '2026-03-07T12:00:00Z', 1)).toEqual(
      ['2026-03-09T06:30:00Z'],
    );
  });

  test('RDATE alone makes a list of dates, and meets the rule once where they are the same', () => {
    const dates = compiled('DTSTART:20260401T090000\nRDATE:20260405T090000,20260401T090000');
    expect(nextOf(dates, '2026-01-01T00:00:00Z', 9)).toEqual([
      '2026-04-01T09:00:00Z',
      '2026-04-05T09:00:00Z',
    ]);
  });
});

describe('at a change of clocks', () => {
  test('a yearly time that is shown twice is found again after its first run, though the next is a year away', () => {
    const timing = compiled('30 2 25 10 *', {
      zone: 'Europe/Berlin',
      clockChange: { overlap: 'both' },
    });
    expect(nextOf(timing, '2026-10-25T00:30:00Z', 2)).toEqual([
      '2026-10-25T01:30:00Z',
      '2027-10-25T00:30:00Z',
    ]);
  });

  test('two times that meet on one instant are counted once', () => {
    const timing = compiled('30 2,3 * * *', { zone: 'America/New_York' });
    const window = { after: at('2026-03-08T05:00:00Z'), until: at('2026-03-09T04:00:00Z') };
    expect([...occurrences(timing, window)]).toHaveLength(1);
    expect(rangeOf(timing, window).count).toBe(1);
  });
});

test('an excluded day ends at its midnight, which is due again', () => {
  const timing = compiled('0 0 * * *', { zone: 'Europe/Berlin', exclude: ['2026-12-25'] });
  expect(nextOf(timing, '2026-12-24T12:00:00Z', 1)).toEqual(['2026-12-25T23:00:00Z']);
});

test('an interval of days and hours adds both n times from the anchor, never from the run before', () => {
  const timing = compiled('R/2026-10-24T12:00:00/P1DT1H', { zone: 'Europe/Berlin' });
  expect(nextOf(timing, '2026-10-24T10:00:00Z', 3)).toEqual([
    '2026-10-25T12:00:00Z', // 12:00 on the wall after the change, and an hour
    '2026-10-26T13:00:00Z',
    '2026-10-27T14:00:00Z',
  ]);
});

test('an interval of months and days goes from the anchor by the calendar', () => {
  const timing = compiled('R/2026-01-31T09:00:00/P1M1D');
  expect(nextOf(timing, '2026-01-31T09:00:00Z', 3)).toEqual([
    '2026-03-01T09:00:00Z', // 28 February and a day
    '2026-04-02T09:00:00Z',
    '2026-05-03T09:00:00Z',
  ]);
  const window = { after: at('2026-01-31T09:00:00Z'), until: at('2027-01-31T09:00:00Z') };
  expect(rangeOf(timing, window).count).toBe([...occurrences(timing, window)].length);
});

describe('newer zone tables', () => {
  const older = tablesOf('old', ['', 1], ['2026-03-29T01:00:00Z', 2], ['2026-10-25T01:00:00Z', 1]);
  const newer = tablesOf('new', ['', 1], ['2026-03-29T01:00:00Z', 2]);
  const both = (rule: string, wanted = {}) => ({
    before: compiled(rule, { zone: 'Test/Zone', zones: older, ...wanted }),
    after: compiled(rule, { zone: 'Test/Zone', zones: newer, ...wanted }),
  });
  const window = { after: at('2026-10-20T00:00:00Z'), until: at('2026-10-27T12:00:00Z') };
  const told = (rule: string, wanted = {}) =>
    [...moves(both(rule, wanted), window)].map(({ nominalTime, before, after }) => [
      nominalTime,
      before && textOf(before),
      after && textOf(after),
    ]);

  test('move what lies beyond the first change that they do not share, and nothing before it', () => {
    expect(told('0 9 * * *')).toEqual([
      ['2026-10-25T09:00:00', '2026-10-25T08:00:00Z', '2026-10-25T07:00:00Z'],
      ['2026-10-26T09:00:00', '2026-10-26T08:00:00Z', '2026-10-26T07:00:00Z'],
      ['2026-10-27T09:00:00', '2026-10-27T08:00:00Z', '2026-10-27T07:00:00Z'],
    ]);
  });

  test('let fall away what ran twice and runs once now', () => {
    const [first] = told('30 2 25 10 *', { clockChange: { overlap: 'both' } });
    expect(first).toEqual(['2026-10-25T02:30:00', '2026-10-25T01:30:00Z', '2026-10-25T00:30:00Z']);
  });

  test('move nothing of a rule that elapses from an anchor which they share', () => {
    expect(told('R/2026-01-01T00:00:00/PT1S')).toEqual([]);
  });

  test('show what is new: what no clock showed before', () => {
    const before = compiled('30 2 29 3 *', {
      ...{ zone: 'Test/Zone', zones: older, clockChange: { gap: 'skip' } },
    });
    const plain = tablesOf('plain', ['', 1]);
    const after = compiled('30 2 29 3 *', {
      ...{ zone: 'Test/Zone', zones: plain, clockChange: { gap: 'skip' } },
    });
    const spring = { after: at('2026-03-28T00:00:00Z'), until: at('2026-03-30T00:00:00Z') };
    expect([...moves({ before, after }, spring)]).toEqual([
      { nominalTime: '2026-03-29T02:30:00', after: at('2026-03-29T01:30:00Z') },
    ]);
    expect(leftOut(before, spring, 10)).toEqual([
      { at: at('2026-03-29T01:00:00Z'), localTime: '2026-03-29T02:30:00', reason: 'gap' },
    ]);
  });
});
