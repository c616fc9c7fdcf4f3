import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type MetricOptions<L extends string> = {
  /** snake_case with the unit at the end; `punctual_` is put before it. */
  readonly name: string;
  readonly help: string;
  /** Each combination of values is a series of its own: never ids. */
  readonly labels?: readonly L[];
};

export type Labels<L extends string> = Readonly<Record<L, string>>;

export type Metrics = {
  readonly contentType: string;
  /** All metrics in the Prometheus text format. */
  readonly text: () => Promise<string>;
  readonly counter: <L extends string = never>(
    options: MetricOptions<L>,
  ) => (labels: Labels<L>, by?: number) => void;
  readonly gauge: <L extends string = never>(
    options: MetricOptions<L>,
  ) => (labels: Labels<L>, value: number) => void;
  /** A gauge whose series are told all at once: those that are not named are gone. */
  readonly gaugeOfAll: <L extends string>(
    options: MetricOptions<L>,
  ) => (series: readonly { readonly labels: Labels<L>; readonly value: number }[]) => void;
  readonly histogram: <L extends string = never>(
    options: MetricOptions<L> & {
      /** Upper bounds, ascending; latencies in milliseconds unless told. */
      readonly buckets?: readonly number[];
    },
  ) => (labels: Labels<L>, value: number) => void;
};

/** From a fast append to the longest answer that anybody waits for. */
const latencyBucketsMs: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000,
];

/** A registry of one's own: two programs in one process, as in tests, do not meet. */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const described = <L extends string>({ name, help, labels = [] }: MetricOptions<L>) => ({
    name: `punctual_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: (options) => {
      const counter = new Counter(described(options));
      return (labels, by = 1) => {
        counter.inc(labels, by);
      };
    },
    gauge: (options) => {
      const gauge = new Gauge(described(options));
      return (labels, value) => {
        gauge.set(labels, value);
      };
    },
    gaugeOfAll: (options) => {
      const gauge = new Gauge(described(options));
      return (series) => {
        gauge.reset();
        for (const { labels, value } of series) gauge.set(labels, value);
      };
    },
    histogram: ({ buckets = latencyBucketsMs, ...options }) => {
      const histogram = new Histogram({ ...described(options), buckets: [...buckets] });
      return (labels, value) => {
        histogram.observe(labels, value);
      };
    },
  };
};
