import { jobAfter, jobAsOf } from '../../../../domain/audit/job-fold';
import { EventTooNew } from '../../../../domain/events/upcast';
import { initial } from '../../../../domain/job/state';
import type { JobEvent } from '../../../../domain/job/events';
import { history } from '../../../support/audited';
import { testJobId } from '../../../support/job-histories';
import {
  cancelled,
  definition,
  dispatched,
  rescheduled,
  scheduled,
  started,
  stateAfter,
  t,
} from '../../../support/jobs';

const JOB = testJobId(1);
const stream = (...events: readonly JobEvent[]) =>
  history(
    JOB,
    events.map((event, second) => [second, event]),
  );
const fold = (...events: readonly JobEvent[]) =>
  stream(...events).reduce<ReturnType<typeof jobAfter> | typeof initial>(
    (state, event) => jobAfter(state ?? initial, event) ?? state,
    initial,
  );
const success = (result?: null): JobEvent => ({
  type: 'JobSucceeded',
  data: { attempt: 1, ...(result !== undefined && { result }) },
});
const run = [scheduled(), dispatched(), started()];

test('a job is folded without its payload, which is in no list', () => {
  const state = fold(scheduled({ payload: null }));
  expect(state).toStrictEqual(stateAfter(scheduled()));
  expect(fold(scheduled())).toStrictEqual(stateAfter(scheduled()));
  expect(definition).not.toHaveProperty('payload');
});

test('of a result it is told that there is one, be it null, and nothing where there is none', () => {
  expect(fold(...run, success(null))).toStrictEqual({
    ...stateAfter(...run, success()),
    isResultLeftOut: true,
  });
  expect(fold(...run, success())).not.toHaveProperty('isResultLeftOut');
});

test('an event that was folded already changes nothing, nor does one that follows a gap', () => {
  const [born, moved, gone] = stream(scheduled(), rescheduled(t(70)), cancelled);
  if (!born || !moved || !gone) throw new Error('three events were made');
  const one = jobAfter(initial, born);
  if (!one) throw new Error('a schedule makes a job');
  expect(jobAfter(one, born)).toBeUndefined();
  expect(jobAfter(one, gone)).toBeUndefined();
  expect(jobAfter(initial, moved)).toBeUndefined();
  expect(jobAfter(one, moved)).toMatchObject({ dueAt: t(70), revision: 1n });
});

test('an event that no decision could have recorded changes nothing', () => {
  const [born, begun] = stream(scheduled(), started());
  const one = born && jobAfter(initial, born);
  expect(one && begun && jobAfter(one, begun)).toBeUndefined();
});

test('an event of a newer build stops whoever reads it, for to go on would be to skip it', () => {
  const [born] = stream(scheduled());
  if (!born) throw new Error('an event was made');
  const newer = { ...born, metadata: { ...(born.metadata as object), schemaVersion: 9 } };
  expect(() => jobAfter(initial, newer)).toThrow(EventTooNew);
  expect(jobAfter(initial, { ...born, type: 'JobPaused' })).toBeUndefined();
});

describe('a job as its stream had it then', () => {
  const events = stream(scheduled(), rescheduled(t(70)), cancelled);
  const at = (second: number) => jobAsOf(events, { kind: 'time', at: t(second) });

  test('is that of the last event up to then', () => {
    expect([at(0)?.status, at(1)?.dueAt, at(2)?.status]).toEqual(['scheduled', t(70), 'cancelled']);
    expect(jobAsOf(events, { kind: 'position', position: 256n })?.revision).toBe(1n);
  });

  test('is none before it was scheduled', () => {
    expect(at(-1)).toBeUndefined();
    expect(jobAsOf([], { kind: 'time', at: t(0) })).toBeUndefined();
  });

  test('ends before an event that cannot be read, as the read model does', () => {
    const damaged = events.map((one, n) => (n === 1 ? { ...one, data: {} } : one));
    expect(jobAsOf(damaged, { kind: 'time', at: t(9) })).toMatchObject({ revision: 0n });
  });
});
