import { grpcTimeoutMs } from '../../../transport/grpc-timeout';

test.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['40m', 40],
  ['5000u', 5],
  ['6000000n', 6],
  ['0m', 0],
])('%s are %d ms', (header, ms) => {
  expect(grpcTimeoutMs(header)).toBeCloseTo(ms);
});

test.each([undefined, '', '5', 'm', '-1S', '1.5S', '123456789S', '1s', '5S '])(
  '%p is no timeout',
  (header) => {
    expect(grpcTimeoutMs(header)).toBeUndefined();
  },
);

test('a timeout that no timer of Node takes is none: it would fire at once', () => {
  expect(grpcTimeoutMs('99999999H')).toBeUndefined();
});
