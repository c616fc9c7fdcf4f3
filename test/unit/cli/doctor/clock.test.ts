import { clockCheck } from '../../../../cli/doctor/clock';

const verdict = (aheadMs: number) =>
  clockCheck('POSTGRES_URL', () =>
    Promise.resolve({ nowMs: Date.now() + aheadMs, withinMs: 0 }),
  ).look();

test.each([
  [11_000, /^one that is 1(0|1)\d{3} ms ahead$/],
  [-11_000, /^one that is 1(0|1)\d{3} ms behind$/],
])(
  'a server whose clock is %i ms off is told, and is no reason to stop',
  async (aheadMs, found) => {
    expect(await verdict(aheadMs)).toMatchObject({
      outcome: 'reduced',
      found: expect.stringMatching(found) as string,
      remedy: expect.stringContaining('NTP') as string,
    });
  },
);

test('half a second is within what clocks are', async () => {
  expect(await verdict(500)).toEqual({ outcome: 'ok' });
});

test.each([
  ['tells no time', () => Promise.resolve(undefined)],
  ['does not answer', () => Promise.reject(new Error('away'))],
])('a server that %s has no wrong clock', async (_case, time) => {
  expect(await clockCheck('NATS_URL', time).look()).toMatchObject({ outcome: 'ok' });
});
