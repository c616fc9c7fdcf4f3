import { useState } from 'react';
import { count, span } from '../time/format';
import type { Cell } from './grid';
import type { Step } from './window';
import { whenText } from './words';

type LoadTableProps = {
  readonly cells: readonly Cell[];
  readonly step: Step;
  readonly zone: string;
  readonly now: number;
};

const COLUMNS = [
  'When',
  'Waiting',
  'Planned',
  'Started',
  'Half',
  '90 %',
  '99 %',
  'Latest',
] as const;

/** The map and the chart as numbers. */
export const LoadTable = ({ cells, step, zone, now }: LoadTableProps) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="load-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <table>
          <caption className="soft">
            What was and is due by {step}, and within what time it started
          </caption>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cells
              .filter(({ jobs, planned }) => jobs + planned > 0)
              .map(({ at, waiting, planned, late }) => (
                <tr key={at}>
                  <th scope="row">{whenText(at, step, zone, now)}</th>
                  <td>{count(waiting)}</td>
                  <td>{count(planned)}</td>
                  <td>{count(late?.starts ?? 0)}</td>
                  {[late?.p50Ms, late?.p90Ms, late?.p99Ms, late?.maxMs].map((ms, column) => (
                    <td key={COLUMNS[column + 4]}>{ms === undefined ? '–' : span(ms)}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      )}
    </details>
  );
};
