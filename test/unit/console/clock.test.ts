import { clockStore, hearDate, serverNow } from '../../../console/time/clock';

const AT = Date.parse('2026-11-29T10:00:00.000Z');
const HOUR_MS = 3_600_000;

/** Off by so many ms, told by a header that leaves out what is less than a second. */
const hear = (offset: number, wayMs = 40): number => {
  const server = new Date(AT + wayMs / 2 + offset);
  hearDate(server.toUTCString(), AT, AT + wayMs);
  return clockStore.current();
};

beforeEach(() => void hear(0));

test.each([0, 900])(
  'a clock that is off by an hour and %i ms is put right to half a second, and back when it is set',
  (more) => {
    const offset = more - HOUR_MS;
    expect(Math.abs(hear(offset) - offset)).toBeLessThanOrEqual(500);
    expect(Math.abs(serverNow() - (Date.now() + offset))).toBeLessThanOrEqual(510);
    expect(hear(0)).toBe(0);
  },
);

test('a clock that is off by less than two seconds is taken for right: headers tell no better', () => {
  expect(hear(1_400)).toBe(0);
});

test('seconds are not counted to and fro by every answer', () => {
  const first = hear(HOUR_MS);
  expect(hear(HOUR_MS + 900)).toBe(first);
});

test.each([
  ['was waited for', AT, AT + 2_500],
  ['came before it was asked for: the clock was set meanwhile', AT, AT - 1],
])('an answer that %s says nothing of the clock', (_what, sentAt, gotAt) => {
  hearDate(new Date(AT + HOUR_MS).toUTCString(), sentAt, gotAt);
  expect(clockStore.current()).toBe(0);
});

test('an answer without a time, or with none that is one, says nothing of the clock', () => {
  hearDate(null, AT, AT);
  hearDate('soon', AT, AT);
  expect(clockStore.current()).toBe(0);
});

test('who shows the time hears of it once', () => {
  let heard = 0;
  const stop = clockStore.subscribe(() => (heard += 1));
  hear(HOUR_MS);
  hear(HOUR_MS);
  stop();
  expect(heard).toBe(1);
});
