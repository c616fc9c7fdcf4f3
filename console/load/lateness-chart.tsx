import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useScheme } from '../frame/colours';
import { day, hourMinute, span } from '../time/format';
import type { Late } from './grid';
import { STEP_MS, type Step } from './window';

type ChartProps = {
  /** Oldest first. */
  readonly buckets: readonly Late[];
  readonly step: Step;
  readonly from: number;
  /** It ends here, or now. */
  readonly to: number;
  readonly zone: string;
  readonly now: number;
};

const HEIGHT_PX = 190;
/** Below it nothing is told apart; a logarithm has no 0. */
const LEAST_MS = 1;
const TENFOLDS = Array.from({ length: 11 }, (_, power) => LEAST_MS * 10 ** power);

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const LINES = [
  { of: 'p50Ms', stroke: '--accent', width: 2, dash: [] },
  { of: 'p90Ms', stroke: '--soft', width: 1.5, dash: [4, 4] },
  { of: 'p99Ms', stroke: '--ink', width: 1.5, dash: [] },
] as const;

/** A value for each bucket of the time; null where nothing started. */
const dataOf = ({ buckets, step, from, to, now }: ChartProps): uPlot.AlignedData => {
  const known = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const times: number[] = [];
  for (let at = from; at <= now && at < to; at += STEP_MS[step]) times.push(at);
  return [
    times.map((at) => at / 1_000),
    ...LINES.map(({ of }) =>
      times.map((at) => {
        const bucket = known.get(at);
        return bucket ? Math.max(LEAST_MS, bucket[of]) : null;
      }),
    ),
  ];
};

const optionsOf = (width: number, { step, zone, now }: ChartProps): uPlot.Options => {
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  const when = (at: number): string =>
    step === 'minute' ? hourMinute(at, zone) : day(at, step === 'day' ? 'UTC' : zone, now);
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: { distr: 3, range: (_chart, _least, most) => [LEAST_MS, Math.max(10, most * 1.3)] },
    },
    series: [
      {},
      ...LINES.map(({ of, stroke, width: thick, dash }) => ({
        label: of,
        stroke: colour(stroke),
        width: thick,
        dash: [...dash],
        spanGaps: true,
      })),
    ],
    axes: [
      {
        ...axis,
        space: step === 'minute' ? 60 : 90,
        values: (_chart, times) => times.map((at) => when(at * 1_000)),
      },
      {
        ...axis,
        size: 64,
        splits: (_chart, _axis, _least, most) => TENFOLDS.filter((ms) => ms <= most),
        values: (_chart, values) => values.map(span),
      },
    ],
  };
};

/** Half, nine of ten and 99 of a hundred starts over time, on a scale of tenfolds. What it shows stands in the table too. */
export const LatenessChart = (props: ChartProps) => {
  const { buckets, step, zone, from, to, now } = props;
  const scheme = useScheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const current = useRef(props);
  useEffect(() => {
    current.current = props;
  });
  useEffect(() => {
    chart.current?.setData(dataOf({ buckets, step, zone, from, to, now }));
  }, [buckets, step, zone, from, to, now]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const options = optionsOf(element.clientWidth, current.current);
    const made = new uPlot(options, dataOf(current.current), element);
    chart.current = made;
    const watch = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.current = undefined;
      made.destroy();
    };
  }, [step, zone, from, scheme]);

  return (
    <div ref={box} className="chart" role="img" aria-label="Lateness over time: see the table" />
  );
};
