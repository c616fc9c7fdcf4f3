import { isHeld } from '../../../../domain/schedule/decide-plan';
import type { WhenStillRunning } from '../../../../domain/schedule/definition';
import {
  at,
  created,
  every,
  known,
  MINUTE,
  plannedAt,
  told,
  type Story,
} from '../../../support/schedules';

// a run of 25 minutes under a rule of every ten

const each10 = every(10 * MINUTE);

const start = (whenStillRunning: WhenStillRunning): Story =>
  plannedAt(created('09:55', { whenStillRunning }), '09:55', each10);

/** What the planner does at each time: while the run of 10:00 goes on, until 10:25. */
const during = (story: Story): Story => {
  let running = story;
  for (const when of ['10:00', '10:10', '10:12', '10:20', '10:24'])
    running = plannedAt(running, when, each10, 'open');
  return running;
};
const after = (story: Story): Story => plannedAt(story, '10:25', each10, { endedAt: at('10:25') });

test('with allow, 10:10 and 10:20 start beside it', () => {
  expect(told(after(during(start('allow'))).events)).toEqual(['10:00', '10:10', '10:20', '10:30']);
});

test('with skip, both are left out, and 10:30 comes as usual', () => {
  const running = during(start('skip'));
  expect(told(running.events)).toEqual(['10:00']);
  expect(told(after(running).events)).toEqual(['10:00', '-2 10:10..10:20 still-running', '10:30']);
});

test('with buffer-one, the one of 10:10 starts at 10:25, and the one of 10:20 is left out', () => {
  const running = during(start('buffer-one'));
  expect(told(running.events)).toEqual(['10:00']);
  const next = after(running);
  expect(told(next.events)).toEqual(['10:00', '10:10>10:25', '-1 10:20..10:20 still-running']);
  // and 10:30 follows when that one has ended
  const later = plannedAt(next, '10:27', each10, { endedAt: at('10:26') });
  expect(told(later.events).slice(3)).toEqual(['10:30']);
});

test('with cancel-other, it has to make way at 10:10, and the newest that came meanwhile runs', () => {
  const story = start('cancel-other');
  expect(isHeld(known(story), each10, at('10:09'))).toBe(false);
  expect(isHeld(known(story), each10, at('10:10'))).toBe(true);
  const atOnce = plannedAt(story, '10:10:02', each10, { endedAt: at('10:10:01') });
  expect(told(atOnce.events)).toEqual(['10:00', '10:10>10:10']);
  // one that took its time to stop
  expect(told(after(during(story)).events)).toEqual([
    '10:00',
    '-1 10:10..10:10 still-running',
    '10:20>10:25',
  ]);
});

test('the next one is planned as soon as the run has ended, so that it needs no planner to start on time', () => {
  for (const policy of ['skip', 'buffer-one', 'cancel-other'] as const) {
    const story = plannedAt(start(policy), '10:03', each10, { endedAt: at('10:02') });
    expect(told(story.events)).toEqual(['10:00', '10:10']);
    expect(plannedAt(story, '10:04', each10, 'open').events).toEqual(story.events);
  }
});

test('a run of an hour under a rule of each second leaves one range behind, not an event for each', () => {
  let story = plannedAt(created('10:00', { whenStillRunning: 'skip' }), '10:00', every(1_000));
  for (const when of ['10:20', '10:40']) story = plannedAt(story, when, every(1_000), 'open');
  story = plannedAt(story, '11:00', every(1_000), { endedAt: at('11:00') });
  const skips = story.events.filter(({ type }) => type === 'OccurrencesSkipped');
  expect(skips.map(({ data }) => data)).toMatchObject([{ count: 3_599 }]);
});

test('what was missed after the run before had ended goes by the rule for missed runs', () => {
  const story = plannedAt(start('skip'), '10:42', each10, { endedAt: at('10:12') });
  expect(told(story.events)).toEqual([
    '10:00',
    '-1 10:10..10:10 still-running',
    '-2 10:20..10:30 missed',
    '10:40>10:42',
  ]);
});
