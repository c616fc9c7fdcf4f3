import type { ReactNode } from 'react';

type TableProps = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
};

/** A table in a panel; what is wider than a phone is scrolled in itself. */
export const Table = ({ name, columns, children }: TableProps) => (
  <div className="scroll" tabIndex={0} role="region" aria-label={name}>
    <table className="plain" aria-label={name}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);
