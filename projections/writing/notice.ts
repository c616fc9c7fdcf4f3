/** What a commit says of the rows that it brings: of each name the lowest value among them. */
export type Notice = Readonly<Record<string, bigint | number>>;

export const NO_NOTICE: Notice = {};

/** The notice of several parts as one. */
export const mergedNotice = (notices: readonly Notice[]): Notice => {
  const lowest: Record<string, bigint | number> = {};
  for (const notice of notices)
    for (const [name, value] of Object.entries(notice)) {
      const known = lowest[name];
      // Stryker disable next-line EqualityOperator: of two that are the same it is the same
      if (known === undefined || value < known) lowest[name] = value;
    }
  return lowest;
};
