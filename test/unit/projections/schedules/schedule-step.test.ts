import { scheduleRounds } from '../../../../projections/schedules/schedule-step';
import { AT, ids, logOf, paused, planned, resumed, type Given } from './log';

/** Rounds as `a0 b1+2`: whose step, of which revisions. */
const roundsOf = (given: Given): readonly string[] =>
  scheduleRounds(logOf(given)).map((steps) =>
    steps
      .map(({ scheduleId, facts }) => {
        const revisions = facts.map(({ revision }) => revision).join('+');
        return `${scheduleId === ids.a ? 'a' : 'b'}${revisions}`;
      })
      .join(' '),
  );

test.each<readonly [string, Given, readonly string[]]>([
  ['nothing is no round', [], []],
  [
    'what one schedule does comes in its order: its rows look at those before',
    [
      ['a', paused],
      ['a', resumed],
    ],
    ['a0', 'a1'],
  ],
  [
    'what two do comes together',
    [
      ['a', paused],
      ['b', paused],
      ['b', resumed],
    ],
    ['a0 b1', 'b2'],
  ],
  [
    'occurrences that are planned in a row are one step, and nothing else is',
    [
      ['a', planned],
      ['a', planned],
      ['b', planned],
      ['a', paused],
      ['a', resumed],
      ['a', planned],
    ],
    ['a0+1 b2', 'a3', 'a4', 'a5'],
  ],
])('%s', (_why, given, rounds) => {
  expect(roundsOf(given)).toEqual(rounds);
});

test('a step carries what its rows need: whose, where in the log, and when as it was written', () => {
  const [, [second] = []] = scheduleRounds(
    logOf([
      ['a', paused],
      ['a', resumed],
    ]),
  );
  expect(second?.facts[0]).toMatchObject({
    ...{ scheduleId: ids.a, type: 'ScheduleResumed', revision: 1n, position: 10n, recordedAt: AT },
  });
  expect(second?.facts[0]).not.toHaveProperty('metadata');
});

test('the end of a stream that was deleted changes nothing, and an event of a stranger is refused', () => {
  const [event] = logOf([['a', paused]]);
  if (!event) throw new Error('one event');
  expect(scheduleRounds([{ ...event, type: '$streamDeleted' }])).toEqual([]);
  expect(() => scheduleRounds([{ ...event, stream: 'schedule-x' }])).toThrow(
    'schedule-x is no stream of a schedule',
  );
});
