import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import type { Job, StoryStep } from '../http/answers';
import { useJob } from '../job/use-job';
import { differences } from './difference';
import { DifferenceTable } from './difference-table';
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
      {found && (
        <DifferenceTable
          found={found}
          names={NAMES}
          other={other === NOW ? 'Now' : 'At the other moment'}
        />
      )}
    </section>
  );
};
