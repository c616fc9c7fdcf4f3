import type { JobCommand } from '../../../../domain/job/commands';
import { toTimestamp } from '../../../../domain/time';
import { dispatched, given, scheduled, started, t } from '../../../support/jobs';

const lazy = scheduled({ maxLatenessMs: 5_000 });
const dispatch = (at: number): JobCommand => ({
  ...{ type: 'DispatchJob', at, attempt: 1, dueAt: t(50) },
});
const redispatch = (at: number, maxDeliveries?: number): JobCommand => ({
  ...{ type: 'RedispatchJob', at, attempt: 1, delivery: 1, draw: 0 },
  ...(maxDeliveries !== undefined && { maxDeliveries }),
});
const event = (expected: object) => ({ outcome: 'accepted', events: [expected] });
const expired = event({
  type: 'JobExpired',
  data: { dueAt: toTimestamp(t(50)), maxLatenessMs: 5_000 },
});

describe('a job that may be five seconds late', () => {
  test('is dispatched in the last millisecond of them, and expires in the next', () => {
    expect(given(lazy).when(dispatch(t(55)))).toEqual(event(dispatched()));
    expect(given(lazy).when(dispatch(t(55.001)))).toEqual(expired);
  });

  test('is sent again in the last millisecond of them, and expires in the next: its message would start nothing', () => {
    expect(given(lazy, dispatched()).when(redispatch(t(55)))).toEqual(
      event({ type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } }),
    );
    expect(given(lazy, dispatched()).when(redispatch(t(55.001)))).toEqual(expired);
  });

  test('expires by itself as well, in whatever way it waits', () => {
    const expire: JobCommand = { type: 'ExpireJob', at: t(55.001) };
    expect(given(lazy).when(expire)).toEqual(expired);
    expect(given(lazy, dispatched()).when(expire)).toEqual(expired);
    expect(given(lazy, dispatched(), started()).when(expire)).toEqual({
      outcome: 'accepted',
      events: [],
    });
  });

  test('expires rather than fails when it was sent too often as well: it never began', () => {
    expect(given(lazy, dispatched()).when(redispatch(t(55.001), 1))).toEqual(expired);
    expect(given(lazy, dispatched()).when(redispatch(t(55), 1))).toMatchObject({
      events: [{ type: 'JobAttemptFailed', data: { cause: 'undeliverable' } }],
    });
  });
});

test('a job that may be as late as it likes never expires', () => {
  const yearLater = t(50) + 365 * 86_400_000;
  expect(given(scheduled()).when(dispatch(yearLater))).toEqual(event(dispatched()));
  expect(given(scheduled()).when({ type: 'ExpireJob', at: yearLater })).toEqual({
    outcome: 'accepted',
    events: [],
  });
});
