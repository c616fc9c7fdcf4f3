/** One place of a job or a schedule that differs between two moments; undefined where it had nothing then. */
export type Difference = {
  readonly field: string;
  readonly one: unknown;
  readonly other: unknown;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What its owner gave or its run gave back: shown whole. */
const WHOLE: ReadonlySet<string> = new Set(['payload', 'result']);

const leavesOf = (subject: object): ReadonlyMap<string, unknown> => {
  const leaves = new Map<string, unknown>();
  for (const [field, value] of Object.entries(subject) as [string, unknown][])
    if (isRecord(value) && !WHOLE.has(field))
      for (const [part, inner] of Object.entries(value)) leaves.set(`${field}.${part}`, inner);
    else if (value !== null) leaves.set(field, value);
  return leaves;
};

/** The places at which something differs between two moments, in the order in which the API gives them. */
export const differences = (one: object, other: object): readonly Difference[] => {
  const [ones, others] = [leavesOf(one), leavesOf(other)];
  const fields = [...new Set([...ones.keys(), ...others.keys()])];
  return fields
    .map((field) => ({ field, one: ones.get(field), other: others.get(field) }))
    .filter(({ one: before, other: after }) => JSON.stringify(before) !== JSON.stringify(after));
};
