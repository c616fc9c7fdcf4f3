import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import type { Job, StoryStep } from '../http/answers';
import { useJob } from '../job/use-job';
import { Status } from '../jobs/status';
import { span } from '../time/format';
import { Moment } from '../time/moment';
import { differences, type Difference } from './difference';
import { usePastJob } from './use-past';

const NOW = 'now';

const NAMES: Readonly<Record<string, string>> = {
  dueAt: 'Due',
  revision: 'Revision',
  attempt: 'Attempt',
  status: 'Status',
  dispatchedAt: 'Dispatched',
  startedAt: 'Started',
  finishedAt: 'Finished',
  latenessMs: 'Started late by',
  payload: 'Payload',
  result: 'Result',
  'error.code': 'Error',
  'error.message': 'What it said',
  'waitingFor.reason': 'Waits for',
  'waitingFor.since': 'Waits since',
};

const Value = ({ field, value }: { readonly field: string; readonly value: unknown }) => {
  if (value === undefined) return <span className="soft">nothing</span>;
  if (field === 'status') return <Status status={value as Job['status']} />; // as the API has it
  if (typeof value === 'string' && /(At|\.since)$/.test(field))
    return <Moment at={value} isExact />;
  if (typeof value === 'number' && field.endsWith('Ms')) return span(value);
  return <code dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</code>;
};

const Row = ({ difference: { field, one, other } }: { readonly difference: Difference }) => (
  <tr>
    <th scope="row">{NAMES[field] ?? field}</th>
    <td>
      <Value field={field} value={one} />
    </td>
    <td>
      <Value field={field} value={other} />
    </td>
  </tr>
);

type DifferencePanelProps = {
  readonly job: Job;
  readonly steps: readonly StoryStep[];
  /** What a step is, in a few words. */
  readonly nameOf: (step: StoryStep) => string;
};

/** What differs between the moment that is shown and another one: now, or after any step. */
export const DifferencePanel = ({ job, steps, nameOf }: DifferencePanelProps) => {
  const [search, setSearch] = useSearchParams();
  const given = search.get('with') ?? NOW;
  const other = steps.some(({ position }) => position === given) ? given : NOW;
  const present = useJob(job.jobId);
  const past = usePastJob(job.jobId, other === NOW ? undefined : other);
  const { data, error } = other === NOW ? present : past;
  const found = data ? differences(job, data) : undefined;

  return (
    <section className="panel difference">
      <h2>
        <label>
          What is different{' '}
          <select
            value={other}
            onChange={({ currentTarget: { value } }) =>
              setSearch(
                (before) => {
                  const after = new URLSearchParams(before);
                  if (value === NOW) after.delete('with');
                  else after.set('with', value);
                  return after;
                },
                { replace: true, preventScrollReset: true },
              )
            }
          >
            <option value={NOW}>now</option>
            {steps.map((step) => (
              <option key={step.position} value={step.position}>
                after {nameOf(step)}
              </option>
            ))}
          </select>
        </label>
      </h2>
      {error && <Notice error={error} />}
      {found?.length === 0 && <p className="soft">Nothing: it stood the same.</p>}
      {found && found.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">As it stood</th>
              <th scope="col">{other === NOW ? 'Now' : 'At the other moment'}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((difference) => (
              <Row key={difference.field} difference={difference} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
};
