import { pacingFrom } from '../../../cli/pace';
import { UsageError } from '../../../cli/verb';
import { memoryScan } from '../../../infra/memory/log-scan';
import { NOBODY_LIVE } from '../../../projections/queries/operating/live-activity';

const idle = () => Promise.resolve(NOBODY_LIVE);

test.each(['0', '-1', '2.5', 'fast', '', '1000001'])(
  '--rate %p is refused with what it may be, before anything is read',
  (rate) => {
    expect(() => pacingFrom({ rate }, { look: idle })).toThrow(UsageError);
    expect(() => pacingFrom({ rate }, { look: idle })).toThrow(
      /1 to 1000000 events a second nor full/,
    );
  },
);

test('at full speed the scan is as it was, and the live system is not looked at', () => {
  const scan = memoryScan([]);
  const look = jest.fn(idle);
  expect(pacingFrom({ rate: 'full' }, { look }).scan(scan)).toBe(scan);
  expect(look).not.toHaveBeenCalled();
});

test.each([undefined, '1000'])(
  'a scan held with --rate %p still comes to its end',
  async (rate) => {
    const event = { id: 'x', stream: 'job-x', type: 'T', data: {}, metadata: {} };
    const scan = memoryScan([{ ...event, revision: 0n, position: 1n }]);
    const seen = [];
    const never = new AbortController().signal;
    for await (const batch of pacingFrom({ rate }, { look: idle }).scan(scan)(
      { after: 'start' },
      never,
    ))
      seen.push(...batch);
    expect(seen).toHaveLength(1);
  },
);

test('without a live system that could be slowed down, nothing is held back unless it was asked for', () => {
  const scan = memoryScan([]);
  expect(pacingFrom({}, {}).scan(scan)).toBe(scan);
  expect(pacingFrom({ rate: '1000' }, {}).scan(scan)).not.toBe(scan);
});
