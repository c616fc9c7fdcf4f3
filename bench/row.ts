import type { Machine } from './machine';
import type { Note } from './progress';

export type Figures = Readonly<Record<string, number>>;

/** One condition of a target. */
export type Limit = {
  /** Name of a figure. */
  readonly of: string;
  readonly atMost?: number;
  readonly atLeast?: number;
};

/** One figure or several that belong together: one line of output. */
export type Measurement = {
  /** Tells the measurements of one row apart. */
  readonly of: string;
  readonly values: Figures;
  readonly target?: readonly Limit[];
  readonly stretch?: readonly Limit[];
  /** `values` are the medians of so many runs. */
  readonly runs?: number;
  /** Smallest and largest value of the runs. */
  readonly range?: Readonly<Record<string, readonly [number, number]>>;
  readonly cpuSecondsPer1000Jobs?: Figures;
  /** Share of all CPU time that went to processes which are neither Punctual's nor the bench's. */
  readonly foreignCpuShare?: number;
};

export type RowOptions = {
  /** Jobs waiting in the rows about queries. */
  readonly rows: number;
  /** Folder for CPU profiles of the product's programs; none unless told. */
  readonly profileDir?: string;
  readonly note: Note;
  /** Ends the measuring and takes down what it has started. */
  readonly signal: AbortSignal;
};

/** A row of design's speed table. */
export type Row = {
  readonly name: string;
  readonly measure: (options: RowOptions) => Promise<readonly Measurement[]>;
};

const conditionText = ({ of, atMost, atLeast }: Limit): string =>
  [
    ...(atLeast === undefined ? [] : [`${of} >= ${atLeast}`]),
    ...(atMost === undefined ? [] : [`${of} <= ${atMost}`]),
  ].join(', ');

const isMet = (values: Figures, { of, atMost = Infinity, atLeast = -Infinity }: Limit): boolean => {
  const value = values[of] ?? Number.NaN;
  return value >= atLeast && value <= atMost;
};

const judged = (values: Figures, limits: readonly Limit[]) => ({
  text: limits.map(conditionText).join(', '),
  isReached: limits.every((limit) => isMet(values, limit)),
});

export type Circumstances = {
  readonly at: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Over the last minute, before and after the row was measured. */
  readonly loadAverage: readonly [number, number];
};

/** A measurement as a line of JSON. */
export const lineOf = (
  row: string,
  { of, values, target, stretch, ...more }: Measurement,
  circumstances: Circumstances,
): string => {
  const wanted = target && judged(values, target);
  const hoped = stretch && judged(values, stretch);
  return JSON.stringify({
    row,
    of,
    values,
    ...(wanted && { target: wanted.text, reached: wanted.isReached }),
    ...(hoped && { stretch: hoped.text, stretchReached: hoped.isReached }),
    ...more,
    ...circumstances,
  });
};
