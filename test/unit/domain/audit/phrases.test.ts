import {
  because,
  dueIn,
  duration,
  late,
  quoted,
  sentence,
  utc,
  who,
  word,
} from '../../../../domain/audit/phrases';
import { t } from '../../../support/jobs';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each`
  ms                       | told             | why
  ${-5}                    | ${'0 ms'}        | ${'clocks of two machines differ'}
  ${0}                     | ${'0 ms'}        | ${'nothing'}
  ${999}                   | ${'999 ms'}      | ${'the last in milliseconds'}
  ${SECOND}                | ${'1.0 s'}       | ${'the first in seconds'}
  ${2_190}                 | ${'2.1 s'}       | ${'cut, not rounded'}
  ${59_960}                | ${'59.9 s'}      | ${'59.96 s is no 60.0 s'}
  ${MINUTE}                | ${'1 min'}       | ${'no seconds that are none'}
  ${185_900}               | ${'3 min 5 s'}   | ${'whole seconds'}
  ${HOUR - 1}              | ${'59 min 59 s'} | ${'the last in minutes'}
  ${HOUR}                  | ${'1 h'}         | ${'the first in hours'}
  ${2 * HOUR + 5 * MINUTE} | ${'2 h 5 min'}   | ${'two figures matter'}
  ${DAY - 1}               | ${'23 h 59 min'} | ${'the last in hours'}
  ${DAY}                   | ${'1 d'}         | ${'the first in days'}
  ${3 * DAY + 4 * HOUR}    | ${'3 d 4 h'}     | ${'two figures matter'}
`('$ms ms is told as $told: $why', ({ ms, told }: { ms: number; told: string }) => {
  expect(duration(ms)).toBe(told);
});

test.each([
  ['x1', 'x1'],
  ['executor_1.a:b@c/d+e-f', 'executor_1.a:b@c/d+e-f'],
  ['two words', '"two words"'],
  ['a\u001b[2J', '"a\\u001b[2J"'],
  ['', '""'],
  ['a b', '"a b"'],
])(
  '%j is told as %s: plain words as they are, all else so that it steers no terminal',
  (text, told) => {
    expect(word(text)).toBe(told);
  },
);

test('who did it is a process by its name, or somebody of a kind', () => {
  expect(who({ kind: 'system', id: 'rescuer' })).toBe('the rescuer');
  expect(who({ kind: 'user', id: 'ada' })).toBe('user ada');
  expect(who({ kind: 'operator', id: 'o b' })).toBe('operator "o b"');
});

test('a reason is quoted, and none is told as none', () => {
  expect([because('not "yet"'), because(undefined)]).toEqual([', because "not \\"yet\\""', '']);
  expect(quoted('x')).toBe('"x"');
});

test('a sentence begins with a capital and ends with a full stop', () => {
  expect(sentence('it ran')).toBe('It ran.');
});

test('times are told in UTC, to the millisecond', () => {
  expect(utc(t(50))).toBe('2026-11-23 12:00:50.000 UTC');
});

test('what comes is told as seen from then, and what is due already as at once', () => {
  expect(dueIn(t(50), t(20))).toBe('at 2026-11-23 12:00:50.000 UTC, in 30.0 s');
  expect([dueIn(t(50), t(50)), dueIn(t(50), t(60))]).toEqual(['at once', 'at once']);
});

test('late is what comes after its time, not at it', () => {
  expect([late(t(50), t(50)), late(t(49), t(50)), late(t(51), t(50))]).toEqual([
    ...['on time', 'on time', '1.0 s late'],
  ]);
});
