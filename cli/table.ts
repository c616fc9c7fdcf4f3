/** Lines of cells as columns under one another: the first `left` of them begin, the others end in one place. */
export const aligned = (lines: readonly (readonly string[])[], left: number): readonly string[] => {
  const columns = lines.reduce((most, cells) => Math.max(most, cells.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    lines.reduce((width, cells) => Math.max(width, cells[column]?.length ?? 0), 0),
  );
  const padded = (cell: string, column: number): string =>
    column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((cells) => cells.map(padded).join('  ').trimEnd());
};
