import type { Job } from '../http/answers';
import { Status } from '../jobs/status';
import { span } from '../time/format';
import { Moment } from '../time/moment';
import type { Difference } from './difference';

const Value = ({ field, value }: { readonly field: string; readonly value: unknown }) => {
  if (value === undefined) return <span className="soft">nothing</span>;
  if (field === 'status') return <Status status={value as Job['status']} />; // as the API has it
  if (typeof value === 'string' && /(At|\.since|Since)$/.test(field))
    return <Moment at={value} isExact />;
  if (typeof value === 'number' && field.endsWith('Ms')) return span(value);
  return <code dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</code>;
};

type RowProps = { readonly difference: Difference; readonly name: string | undefined };

const Row = ({ difference: { field, one, other }, name }: RowProps) => (
  <tr>
    <th scope="row">{name ?? field}</th>
    <td>
      <Value field={field} value={one} />
    </td>
    <td>
      <Value field={field} value={other} />
    </td>
  </tr>
);

type DifferenceTableProps = {
  readonly found: readonly Difference[];
  /** What fields are called. */
  readonly names: Readonly<Record<string, string>>;
  /** Heading of the other moment. */
  readonly other: string;
};

/** Field by field, what stood there at two moments. */
export const DifferenceTable = ({ found, names, other }: DifferenceTableProps) => {
  if (found.length === 0) return <p className="soft">Nothing: it stood the same.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">As it stood</th>
          <th scope="col">{other}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((difference) => (
          <Row key={difference.field} difference={difference} name={names[difference.field]} />
        ))}
      </tbody>
    </table>
  );
};
