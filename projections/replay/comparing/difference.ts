/** A column whose text differs; null is SQL's null. */
export type ColumnDifference = {
  readonly column: string;
  readonly live: string | null;
  readonly rebuilt: string | null;
};

export type RowDifference = {
  /** Columns of the key with their values. */
  readonly key: string;
  readonly kind: 'changed' | 'only-live' | 'only-rebuilt';
  /** What differs; all columns of a row that one side does not have. */
  readonly columns: readonly ColumnDifference[];
};

export type TableDifference = {
  readonly table: string;
  /** Undefined when there is no such table. */
  readonly liveRows: number | undefined;
  readonly rebuiltRows: number;
  /** In the order of the key. */
  readonly rows: readonly RowDifference[];
  /** More rows differ than were asked for. */
  readonly isCutOff: boolean;
};

/** Each column as Postgres prints it, in the order of `columns`; null where there is no row. */
export type ComparedRow = {
  readonly key: string;
  readonly live: readonly (string | null)[] | null;
  readonly rebuilt: readonly (string | null)[] | null;
};

export const rowDifference = (
  columns: readonly string[],
  { key, live, rebuilt }: ComparedRow,
): RowDifference => ({
  key,
  kind: live === null ? 'only-rebuilt' : rebuilt === null ? 'only-live' : 'changed',
  columns: columns
    .map((column, i) => ({
      column,
      live: live?.[i] ?? null,
      rebuilt: rebuilt?.[i] ?? null,
    }))
    .filter((column) => column.live !== column.rebuilt),
});

export const isEqual = ({ liveRows, rebuiltRows, rows }: TableDifference): boolean =>
  liveRows === rebuiltRows && rows.length === 0;

const shown = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

const rowLines = ({ key, kind, columns }: RowDifference): readonly string[] => [
  `  ${key}${kind === 'changed' ? '' : kind === 'only-live' ? ' (only in the live table)' : ' (missing in the live table)'}`,
  ...columns.flatMap(({ column, live, rebuilt }) => [
    ...(kind === 'only-rebuilt' ? [] : [`  - ${column}: ${shown(live)}`]),
    ...(kind === 'only-live' ? [] : [`  + ${column}: ${shown(rebuilt)}`]),
  ]),
];

/** For people: `-` is what the live table has, `+` what the log says. */
export const differenceText = (difference: TableDifference): string => {
  const { table, liveRows, rebuiltRows, rows, isCutOff } = difference;
  if (liveRows === undefined) return `${table}: missing, ${rebuiltRows} rows rebuilt`;
  if (isEqual(difference)) return `${table}: equal, ${rebuiltRows} rows`;
  return [
    `${table}: ${liveRows} rows live, ${rebuiltRows} rebuilt`,
    ...rows.flatMap(rowLines),
    ...(isCutOff ? ['  … and more: --max-diffs shows them'] : []),
  ].join('\n');
};
