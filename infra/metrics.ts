import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Declares a metric and gives what records it, which takes the values of the labels first.
 *
 * @param name    snake_case with the unit at the end; `punctual_` is put before it
 * @param help    what docs/operations.md says of it
 * @param labels  each combination of values is a series of its own: never ids
 */
type Declare<Rest extends readonly unknown[]> = <Values extends readonly string[] = []>(
  name: string,
  help: string,
  ...labels: { readonly [Name in keyof Values]: string }
) => (...args: readonly [...Values, ...Rest]) => void;

export type Metrics = {
  readonly contentType: string;
  /** All metrics in the Prometheus text format. */
  readonly text: () => Promise<string>;
  /** By one, if nothing else is said. */
  readonly counter: Declare<[by?: number]>;
  readonly gauge: Declare<[value: number]>;
  /** A gauge whose series are told all together, by the value of its label: those that are not named are gone. */
  readonly gaugeOfAll: (
    name: string,
    help: string,
    label: string,
  ) => (series: ReadonlyMap<string, number>) => void;
  readonly histogram: Declare<[value: number]>;
};

/** From a fast append to the longest answer that anybody waits for. */
const latencyBucketsMs: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000,
];

type Labels = Record<string, string>;

const recorder =
  (labels: readonly string[], record: (labels: Labels, value: number) => void) =>
  (...args: readonly unknown[]): void => {
    const values: Labels = {};
    for (const [index, name] of labels.entries()) values[name] = args[index] as string;
    record(values, (args[labels.length] ?? 1) as number);
  };

/** A registry of one's own: two programs in one process, as in tests, do not meet. */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const described = (name: string, help: string, labelNames: readonly string[]) => ({
    name: `punctual_${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: (name, help, ...labels) => {
      const counter = new Counter(described(name, help, labels));
      return recorder(labels, (values, by) => {
        counter.inc(values, by);
      });
    },
    gauge: (name, help, ...labels) => {
      const gauge = new Gauge(described(name, help, labels));
      return recorder(labels, (values, value) => {
        gauge.set(values, value);
      });
    },
    gaugeOfAll: (name, help, label) => {
      const gauge = new Gauge(described(name, help, [label]));
      return (series) => {
        gauge.reset();
        for (const [value, number] of series) gauge.set({ [label]: value }, number);
      };
    },
    histogram: (name, help, ...labels) => {
      const options = described(name, help, labels);
      const histogram = new Histogram({ ...options, buckets: [...latencyBucketsMs] });
      return recorder(labels, (values, value) => {
        histogram.observe(values, value);
      });
    },
  };
};
