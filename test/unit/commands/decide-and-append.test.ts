import { decideAndAppend, type Deciding } from '../../../commands/decide-and-append';
import type { AppendOutcome } from '../../../domain/event-log';
import { accept, reject } from '../../../domain/decider';
import { t } from '../../support/jobs';

const clock = { now: () => t(0) };
const conflict: AppendOutcome = { outcome: 'conflict' };
const appended: AppendOutcome = { outcome: 'appended', revision: 1n, position: 128n };

/** A decider of words, on a stream that says in which round it was read. */
const deciding = (
  decide: Deciding<number, string, string>['decide'],
  outcomes: readonly AppendOutcome[],
) => {
  const append = jest.fn((_events: readonly string[], round: number) =>
    Promise.resolve(outcomes[round] ?? conflict),
  );
  return { load: (round: number) => Promise.resolve(round), decide, append, maxRounds: 3 };
};

test('what is so already is appended nowhere: an empty append would be an answer about nothing', async () => {
  const order = deciding(() => accept(), [appended]);
  expect(await decideAndAppend({ clock }, order)).toEqual({
    outcome: 'unchanged',
    loaded: 0,
    at: t(0),
  });
  expect(order.append).not.toHaveBeenCalled();
});

test('a no appends nothing, and says what it was decided on', async () => {
  const order = deciding(() => reject('no'), [appended]);
  expect(await decideAndAppend({ clock }, order)).toEqual({
    outcome: 'rejected',
    rejection: 'no',
    loaded: 0,
  });
  expect(order.append).not.toHaveBeenCalled();
});

test('a lost race is decided again on what the winner left, and given up after some', async () => {
  const late = deciding((_at, round) => accept(`seen ${round}`), [conflict, appended]);
  expect(await decideAndAppend({ clock }, late)).toMatchObject({
    outcome: 'appended',
    loaded: 1,
    events: ['seen 1'],
  });
  const lost = deciding(() => accept('one'), []);
  expect(await decideAndAppend({ clock }, lost)).toEqual({ outcome: 'contended' });
  expect(lost.append).toHaveBeenCalledTimes(3);
});

test('what is refused on its way to the log is a no like any other, and not tried again', async () => {
  const append = jest.fn(() => Promise.resolve(reject('key taken')));
  const order = { ...deciding(() => accept('one'), []), append };
  expect(await decideAndAppend({ clock }, order)).toMatchObject({ rejection: 'key taken' });
  expect(append).toHaveBeenCalledTimes(1);
});
