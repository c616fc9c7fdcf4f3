/** `timing-invalid`: it means nothing. `timing-never-fires`: it means something that never comes. */
export type TimingCode = 'timing-invalid' | 'timing-never-fires';

/** What is wrong with one place of a definition, in words for the person who wrote it. */
export type TimingProblem = {
  /** JSON pointer into the definition. */
  readonly pointer: string;
  readonly reason: string;
};

/** Why a text, or a part of it, cannot be read. */
export type Flaw = { readonly flaw: string };

export const flaw = (reason: string): Flaw => ({ flaw: reason });

export const isFlaw = (read: unknown): read is Flaw =>
  typeof read === 'object' && read !== null && 'flaw' in read;

/** The flaws among what was read. */
export const flawsOf = (...read: readonly unknown[]): readonly Flaw[] => read.filter(isFlaw);

/** Reads each part; when some have a flaw, the first of these. */
export const readAll = <Part, Value>(
  parts: readonly Part[],
  read: (part: Part) => Value | Flaw,
): readonly Value[] | Flaw => {
  const values: Value[] = [];
  for (const part of parts) {
    const value = read(part);
    if (isFlaw(value)) return value;
    values.push(value);
  }
  return values;
};

/** How much of a user's text a reason repeats. */
const QUOTED_LENGTH = 40;

/** A user's text in a reason, cut where it is long. */
export const quoted = (text: string): string =>
  text.length <= QUOTED_LENGTH ? `"${text}"` : `"${text.slice(0, QUOTED_LENGTH)}…"`;
