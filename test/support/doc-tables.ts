/** The rows of all tables of a page with that head. */
export const rowsUnder = (page: string, head: string): readonly (readonly string[])[] =>
  page
    .split(`${head}\n`)
    .slice(1)
    .flatMap((table) => /^(?:\|.*\|\n)+/.exec(table)?.[0].split('\n').slice(1, -1) ?? [])
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
