import {
  forecastSpanMs,
  forecastStepMs,
  forecastWindow,
  type ForecastStep,
} from '../../../domain/forecast';

type Row = {
  readonly step: ForecastStep;
  readonly from?: number;
  readonly to?: number;
  readonly expected: readonly [from: number, to: number];
};

const at = (text: string): number => Date.parse(`2026-11-23T${text}Z`);
const now = at('10:07:31.500');

test.each`
  step        | from              | to                | expected                                       | why
  ${'minute'} | ${undefined}      | ${undefined}      | ${[at('10:07:00'), at('10:07:00') + 86400000]} | ${'from now on, a day by minute'}
  ${'minute'} | ${at('11:00:59')} | ${at('11:02:01')} | ${[at('11:00:00'), at('11:03:00')]}            | ${'a minute that is begun is counted whole'}
  ${'minute'} | ${at('11:00:00')} | ${at('11:02:00')} | ${[at('11:00:00'), at('11:02:00')]}            | ${'whole minutes stay as they are'}
  ${'hour'}   | ${undefined}      | ${at('12:00:00')} | ${[at('10:00:00'), at('12:00:00')]}            | ${'hours begin on the hour'}
  ${'day'}    | ${-1}             | ${1}              | ${[-86400000, 86400000]}                       | ${'before 1970, too'}
`('$step from $from to $to: $why', ({ step, from, to, expected }: Row) => {
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const [begin, end] = expected;
  expect(forecastWindow({ step, ...bounds }, now)).toEqual({ step, from: begin, to: end });
});

test.each(['minute', 'hour', 'day'] as const)(
  'the longest window by %s is allowed, one bucket more is not',
  (step) => {
    const to = forecastSpanMs[step];
    expect(forecastWindow({ step, from: 0, to }, now)).toEqual({ step, from: 0, to });
    expect(forecastWindow({ step, from: 0, to: to + 1 }, now)).toEqual({ problem: 'too-long' });
    expect(to / forecastStepMs[step]).toBeLessThanOrEqual(1_440);
  },
);

test('a window that ends before it begins is none', () => {
  const problem = { problem: 'ends-before-it-begins' };
  expect(forecastWindow({ step: 'minute', from: 120_000, to: 60_000 }, now)).toEqual(problem);
  expect(forecastWindow({ step: 'day', from: Date.UTC(9_999, 11, 31, 5) }, now)).toEqual(problem);
});
