import { isAskedFor } from '../../../../domain/webhook/definition';
import { RETRIED_FOR_MS, restMs, retryAt } from '../../../../domain/webhook/delivery';

test('a delivery is tried again later each time, an hour apart at most, and last at the end of its day', () => {
  const giveUpAt = RETRIED_FOR_MS;
  const delays: number[] = [];
  let now = 0;
  for (let attempts = 1; ; attempts += 1) {
    const next = retryAt(attempts, now, giveUpAt, 1 - Number.EPSILON);
    if (next === undefined) break;
    delays.push(next - now);
    now = next;
  }
  expect(delays.slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
  expect(Math.max(...delays)).toBe(3_600_000);
  expect(now).toBe(giveUpAt);
  expect(retryAt(1, 0, giveUpAt, 0)).toBe(2_500);
});

test('a target that failed once or twice is not left in peace; one that goes on failing is, for five minutes at most', () => {
  expect([0, 1, 2, 3, 4, 50].map(restMs)).toEqual([0, 0, 0, 2_000, 4_000, 300_000]);
});

test.each`
  case                 | definition                                               | isAsked
  ${'its type'}        | ${{ eventTypes: ['job.failed'] }}                        | ${true}
  ${'another type'}    | ${{ eventTypes: ['job.succeeded'] }}                     | ${false}
  ${'its queue'}       | ${{ eventTypes: ['job.failed'], queues: ['a', 'mail'] }} | ${true}
  ${'another queue'}   | ${{ eventTypes: ['job.failed'], queues: ['a'] }}         | ${false}
  ${'one of its tags'} | ${{ eventTypes: ['job.failed'], tags: ['x', 'red'] }}    | ${true}
  ${'other tags'}      | ${{ eventTypes: ['job.failed'], tags: ['x'] }}           | ${false}
`(
  'a webhook that asks for $case is told: $isAsked',
  ({ definition, isAsked }: { definition: Parameters<typeof isAskedFor>[0]; isAsked: boolean }) => {
    const job = { eventType: 'job.failed', queue: 'mail', tags: ['red', 'big'] } as const;
    expect(isAskedFor(definition, job)).toBe(isAsked);
  },
);
