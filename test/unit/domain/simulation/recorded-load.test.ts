import type { JobEvent } from '../../../../domain/job/events';
import { recordedLoad } from '../../../../domain/simulation/recorded-load';
import {
  attemptFailed,
  cancelled,
  dispatched,
  facts,
  rescheduled,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../support/jobs';

/** Events a second apart. */
const loadOf = (events: readonly JobEvent[], isWanted = (_dueAt: number) => true) => {
  const { see, load } = recordedLoad(isWanted);
  for (const fact of facts(events)) see('a job', fact);
  const { dueAt, durationMs } = load();
  return [...dueAt].map((at, n) => [at, durationMs[n]]);
};

const abort: JobEvent = { type: 'JobAbortRequested', data: {} };
const aborted: JobEvent = { type: 'JobAborted', data: { attempt: 1 } };

test.each([
  ['a job that succeeded', [scheduled(), dispatched(), started(), succeeded], [[t(50), 1_000]]],
  [
    'a retry is a load of its own, at its own due time',
    [
      scheduled(),
      dispatched(),
      started(),
      attemptFailed(1, t(60)),
      dispatched(2, t(60)),
      started(2),
      succeeded,
    ],
    [
      [t(50), 1_000],
      [t(60), 1_000],
    ],
  ],
  [
    'an aborted one ran until then',
    [scheduled(), dispatched(), started(), abort, aborted],
    [[t(50), 2_000]],
  ],
  [
    'one that was moved before it started ran once',
    [scheduled(), dispatched(), rescheduled(t(70)), dispatched(1, t(70)), started(), succeeded],
    [[t(70), 1_000]],
  ],
  ['one that never started was no load', [scheduled(), dispatched(), cancelled], []],
  ['one that still runs has no duration yet', [scheduled(), dispatched(), started()], []],
] as const)('%s', (_why, events: readonly JobEvent[], expected) => {
  expect(loadOf(events)).toEqual(expected);
});

test('what is due at another time is left out', () => {
  const events = [scheduled(), dispatched(), started(), succeeded];
  expect(loadOf(events, (dueAt) => dueAt < t(50))).toEqual([]);
});
