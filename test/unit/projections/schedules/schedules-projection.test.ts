import { scheduleStream } from '../../../../domain/ids';
import { schedulesProjection } from '../../../../projections/schedules/schedules-projection';
import { ids, logOf, paused, planned } from './log';

test('of a round, occurrences come before the rows of their schedules, which say what is decided', () => {
  const { statements, partitions } = schedulesProjection.plan(
    logOf([
      ['a', planned],
      ['a', planned],
      ['a', paused],
    ]),
  );
  expect(statements.map(({ name }) => name)).toEqual([
    'schedules_insert_occurrences',
    'schedules_drop_exceptions',
    'schedules_update',
    'schedules_except_moved',
    'schedules_forget_exceptions',
    'schedules_insert_withdrawals',
    'schedules_update',
  ]);
  expect(partitions).toEqual([]);
});

test('the planner is told the lowest position of a batch, and nothing of an empty one', () => {
  const log = logOf([
    ['a', planned],
    ['b', planned],
    ['a', paused],
  ]);
  expect(schedulesProjection.plan(log).notice).toEqual({ schedulePosition: 0n });
  expect(schedulesProjection.plan(log.slice(1).toReversed()).notice).toEqual({
    schedulePosition: 10n,
  });
  expect(schedulesProjection.plan([]).notice).toEqual({});
});

test('only streams of schedules are its own', () => {
  expect(schedulesProjection.isMine(scheduleStream(ids.a))).toBe(true);
  expect(schedulesProjection.isMine('schedule-x')).toBe(false);
  expect(schedulesProjection.isMine(`job-${ids.a}`)).toBe(false);
});

test('a planner that knows none of the rows looks at all of them', async () => {
  const noSession = { send: () => Promise.reject(new Error('nothing to ask')) };
  expect(await schedulesProjection.noticeOfAll(noSession as never)).toEqual({
    schedulePosition: 0n,
  });
});
