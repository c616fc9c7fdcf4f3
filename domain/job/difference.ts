/** What became of a job on a list between two moments; one whose status and due time differ is `status-changed`. */
export const differenceKinds = ['appeared', 'left', 'status-changed', 'moved'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

const isKind = (text: string): text is DifferenceKind =>
  differenceKinds.some((kind) => kind === text);

/** Reads what a user gave, parted by commas. */
export const readDifferenceKinds = (
  text: string,
): { readonly value: readonly DifferenceKind[] } | { readonly problem: 'bad-parameter' } => {
  const kinds = text.split(',');
  return kinds.every(isKind) ? { value: kinds } : { problem: 'bad-parameter' };
};
