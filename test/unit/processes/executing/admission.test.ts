import { admission } from '../../../../processes/executing/admission';
import { flowOf } from '../../../../processes/executing/flow';
import type { Flow } from '../../../../processes/executing/shares';
import { manualTimers } from '../../../support/manual-timers';

const setUp = (size: number) => {
  const timers = manualTimers();
  const begun: string[] = [];
  const sentBack: { readonly item: string; readonly delayMs: number }[] = [];
  const door = admission<string>({
    size,
    timers,
    draw: () => 0.5,
    begin: (item) => begun.push(item),
    sendBack: (item, delayMs) => sentBack.push({ item, delayMs }),
  });
  const offer = (flow: Flow, name: string, count: number): void => {
    for (let n = 1; n <= count; n++) door.offer(`${name}${n}`, flow);
  };
  return { timers, begun, sentBack, door, offer };
};
const ada = flowOf('ada', 'print:');
const bob = flowOf('bob', 'print:');

test('five sleeping jobs of one owner leave a slot for the job of another', () => {
  const { door, begun, offer } = setUp(5);
  offer(ada, 'ada', 5);
  offer(bob, 'bob', 1);
  expect(begun).toContain('bob1');
  expect(door.waiting()).toEqual(['ada4', 'ada5']);
});

test('who waits goes on when a slot of its flow falls free, flows in turn', () => {
  const { door, begun, offer } = setUp(1);
  offer(ada, 'ada', 3);
  offer(bob, 'bob', 2);
  for (const flow of [ada, ada, bob, ada]) door.leave(flow);
  expect(begun).toEqual(['ada1', 'ada2', 'bob1', 'ada3', 'bob2']);
});

test('what waits too long goes back to the broker, for another executor may be idle', () => {
  const { door, timers, sentBack, offer } = setUp(1);
  offer(ada, 'ada', 2);
  timers.advance(1_000);
  expect(sentBack.map(({ item }) => item)).toEqual(['ada2']);
  expect(door.waiting()).toEqual([]);
  expect(timers.pending()).toBe(0);
});

test('a backlog of a slow target fills its share of the room, is put off for ever longer, and leaves room for others', () => {
  const { door, sentBack, begun, offer } = setUp(100);
  const slow = flowOf('ada', 'https://slow.example/');
  offer(slow, 'slow', 1_600);
  expect(begun).toHaveLength(28);
  expect(door.waiting().length + sentBack.length).toBe(1_572);
  const delays = sentBack.map(({ delayMs }) => delayMs);
  expect(delays[0]).toBeLessThan(500);
  expect(delays.at(-1)).toBeGreaterThan(2_000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
  offer(bob, 'print', 3);
  expect(begun.slice(-3)).toEqual(['print1', 'print2', 'print3']);
});

test('more is asked for while what comes is of no use, and nothing while no slot is free', () => {
  const { door, timers, offer } = setUp(5);
  expect(door.wanted()).toBe(5);
  offer(ada, 'ada', 200);
  expect(door.wanted()).toBeGreaterThan(100);
  timers.advance(10_000);
  expect(door.wanted()).toBeLessThan(100);
  offer(bob, 'bob', 1);
  offer(flowOf('cyd', 's3:'), 'cyd', 1);
  expect(door.wanted()).toBe(0);
});

test('an executor that stops gives back at once what waits, and whatever comes', () => {
  const { door, sentBack, offer } = setUp(1);
  offer(ada, 'ada', 2);
  door.close();
  offer(bob, 'bob', 1);
  expect(sentBack).toEqual([
    { item: 'ada2', delayMs: 0 },
    { item: 'bob1', delayMs: 0 },
  ]);
});
