import {
  isInLog,
  markOf,
  positionOf,
  type LogMark,
} from '../../../../projections/reading/log-place';
import { eventAtOf } from '../../../support/event-at';

test('a place is told by its commit position, whichever way it is given', () => {
  expect(positionOf(7n)).toBe(7n);
  expect(positionOf({ position: 7n, prepare: 5n })).toBe(7n);
});

test('a mark keeps both numbers where there are two, for a server wants both back', () => {
  expect(markOf({ position: 7n, prepare: 5n, id: 'a' })).toStrictEqual({
    ...{ position: 7n, prepare: 5n, eventId: 'a' },
  });
  expect(markOf({ position: 7n, id: 'a' })).toStrictEqual({ position: 7n, eventId: 'a' });
});

const log = [
  { position: 10n, id: 'a' },
  { position: 20n, id: 'b' },
];

test.each<readonly [string, LogMark, boolean]>([
  ['the event that was seen there', { position: 10n, eventId: 'a' }, true],
  ['another event in its place: a log that was restored', { position: 10n, eventId: 'b' }, false],
  ['some event in its place, of a mark that names none', { position: 10n }, true],
  [
    'no event in its place, but later ones: it was scavenged',
    { position: 15n, eventId: 'x' },
    true,
  ],
  ['nothing from there on: the log ends before', { position: 21n, eventId: 'x' }, false],
])('a log with %s', async (_what, mark, isThere) => {
  expect(
    await isInLog(
      mark,
      eventAtOf(() => log),
    ),
  ).toBe(isThere);
});
