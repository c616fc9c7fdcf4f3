import { seldom } from '../../../../processes/runtime/seldom';
import { manualTimers } from '../../../support/manual-timers';

test('an outage that thousands of requests meet is a line each half minute with their count, for a full disk is an outage too', () => {
  const timers = manualTimers();
  const lines: unknown[] = [];
  const warn = (fields: object, message: string) => lines.push({ ...fields, message });
  const tell = seldom({ warn }, 'the log is away', timers);
  const error = new Error('no answer');
  for (let n = 0; n < 5_000; n += 1) tell(error);
  expect(lines).toEqual([{ err: error, times: 1, message: 'the log is away' }]);
  timers.advance(30_000);
  tell(error);
  expect(lines.slice(1)).toEqual([{ err: error, times: 5_000, message: 'the log is away' }]);
});
