import { flowOf } from '../../../../processes/executing/flow';
import { shares, type Shares } from '../../../../processes/executing/shares';

/** How many of the flow get a slot, one after the other. */
const takeAll = (pool: Shares, ownerId: string, location: string): number => {
  let taken = 0;
  while (pool.take(flowOf(ownerId, location))) taken += 1;
  return taken;
};

test.each`
  size     | most   | why
  ${1}     | ${1}   | ${'a single slot is for whoever comes'}
  ${2}     | ${1}   | ${'one for the next owner'}
  ${5}     | ${3}   | ${'one for the next owner, one for the next target'}
  ${100}   | ${85}  | ${'a tenth or so is for others'}
  ${1_000} | ${861} | ${'a tenth or so is for others'}
`('of $size slots one owner gets $most: $why', ({ size, most }: { size: number; most: number }) => {
  expect(takeAll(shares(size), 'ada', 'print:')).toBe(most);
});

test.each([2, 5, 100, 1_000])(
  'of %i slots there is one left for another owner, whatever the first one has',
  (size) => {
    const pool = shares(size);
    takeAll(pool, 'ada', 'print:');
    expect(pool.take(flowOf('bob', 'print:'))).toBe(true);
  },
);

test('a second greedy owner leaves some as well, and so does the third', () => {
  const pool = shares(1_000);
  for (const owner of ['ada', 'bob', 'cyd']) takeAll(pool, owner, 'print:');
  expect(pool.take(flowOf('dan', 'print:'))).toBe(true);
});

test('owners of one target, all together, leave a slot for another target', () => {
  const pool = shares(50);
  for (let n = 0; n < 50; n++) takeAll(pool, `owner-${n}`, 's3://bucket/key');
  expect(pool.free()).toBeGreaterThan(0);
  expect(pool.take(flowOf('owner-1', 'print:'))).toBe(true);
});

test('a host gets no more calls than it has sockets, and one owner not all of these', () => {
  const pool = shares(1_000);
  expect(takeAll(pool, 'ada', 'https://slow.example/a')).toBe(28);
  expect(takeAll(pool, 'bob', 'https://SLOW.example:8443/b')).toBeGreaterThan(0);
  for (let n = 0; n < 10; n++) takeAll(pool, `owner-${n}`, 'http://slow.example/');
  expect(1_000 - pool.free()).toBe(32);
  expect(pool.take(flowOf('ada', 'https://quick.example/'))).toBe(true);
});

test('what is given back can be taken again', () => {
  const pool = shares(5);
  const flow = flowOf('ada', 'print:');
  takeAll(pool, 'ada', 'print:');
  pool.giveBack(flow);
  expect(pool.take(flow)).toBe(true);
  expect(pool.take(flow)).toBe(false);
});

test.each`
  location                   | target
  ${'https://a.example/x?y'} | ${'//a.example'}
  ${'http://a.example:81/'}  | ${'//a.example'}
  ${'HTTPS://A.Example'}     | ${'//a.example'}
  ${'print:'}                | ${'print:'}
  ${'s3://bucket/key'}       | ${'s3:'}
  ${'https://'}              | ${'https:'}
  ${'no scheme at all'}      | ${'no scheme at all:'}
`('$location competes for $target', ({ location, target }: Record<string, string>) => {
  expect(flowOf('ada', location ?? '').target).toBe(target);
});
