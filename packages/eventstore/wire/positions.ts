/** The published position is a multiple of the sequence: on the real server it is an offset, so nobody may rely on +1. */
const positionStep = 128;

export const positionOf = (sequence: number): number => sequence * positionStep;

const largest = 2n ** 63n - 1n;

/** Whether an event may lie there: a read from a place where none does is refused, as by the real server. */
export const isPosition = (text: string): boolean => BigInt(text) % BigInt(positionStep) === 0n;

const parse = (text: string): bigint => {
  const value = BigInt(text);
  return value > largest ? largest : value;
};

/** The newest sequence at or before a position. */
export const sequenceUpTo = (position: string): number =>
  Number(parse(position) / BigInt(positionStep));

/** The oldest sequence at or after a position. */
export const sequenceFrom = (position: string): number =>
  Number((parse(position) + BigInt(positionStep - 1)) / BigInt(positionStep));

/** A revision of the wire as a number; what is too large for one lies past every stream's end. */
export const revisionOf = (text: string): number => Number(text);
