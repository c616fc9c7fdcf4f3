import { Dialog } from './dialog';

const KEYS = [
  ['/', 'Search'],
  ['j', 'Next row; of the load, later'],
  ['k', 'Row before; of the load, earlier'],
  ['Enter', 'Open the row'],
  ['x', 'Select the job, or not'],
  ['X', 'Select from the last one up to here'],
  ['.', 'Change what is selected, or all that is shown; on the page of one, what can be done'],
  ['f', 'Filter the list of jobs'],
  ['v', 'Columns, rows and saved views of the list'],
  ['Esc', 'Back'],
  ['c', 'Schedule a job, make a schedule, or register a webhook'],
  ['g j', 'Go to jobs'],
  ['g s', 'Go to schedules'],
  ['g l', 'Go to the load'],
  ['g w', 'Go to webhooks'],
  ['g d', 'Go to the dead letters'],
  ['g o', 'Go to the operations'],
  ['g y', 'Go to the system, as an operator'],
  ['g a', 'Go to the audit, as an operator'],
  ['t', 'As it stood at another time, and back to now'],
  ['?', 'These keys'],
] as const;

export const KeyHelp = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog title="Keys" onClose={onClose}>
    <dl className="keys">
      {KEYS.map(([key, what]) => (
        <div key={key}>
          <dt>
            {key.split(' ').map((one) => (
              <kbd key={one}>{one}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
