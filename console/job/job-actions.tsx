import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useKeys } from '../frame/keys';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import type { CommandedJob, Job } from '../http/answers';
import { readFresh, send } from '../http/client';
import { useSend } from '../http/use-send';
import { applyJob } from '../live/changes';
import { useNow } from '../time/now';
import { timeLeft, verbsOf, type Verb } from './actions';
import { lostRace } from './lost-race';
import { MoveDialog } from './move-dialog';

const NAMES: Readonly<Record<Verb, string>> = {
  reschedule: 'Move…',
  'run-now': 'Run now',
  cancel: 'Cancel the job',
  abort: 'Ask it to stop',
  redrive: 'Run it again',
};

/** What can be done to a job now, and what became of it. */
export const JobActions = ({ job }: { readonly job: Job }) => {
  const client = useQueryClient();
  const run = useSend();
  const now = useNow();
  const [isMoving, setMoving] = useState(false);
  const [busy, setBusy] = useState<Verb>();
  const [error, setError] = useState<unknown>();
  const [told, setTold] = useState<string>();

  const command = async (verb: Verb, body: object): Promise<void> => {
    setError(undefined);
    setTold(undefined);
    setBusy(verb);
    const key = crypto.randomUUID();
    try {
      const changed = await run(async () => {
        await send<CommandedJob>(`v1/jobs/${job.jobId}/${verb}`, body, { key });
        return await readFresh<Job>(`v1/jobs/${job.jobId}`); // shown once the read model has it
      });
      applyJob(client, changed);
      if (verb === 'abort') setTold('Its executor is asked to stop. Whether it does is up to it.');
    } catch (refusal) {
      const lost = await lostRace(job.jobId, refusal);
      if (lost === undefined && verb === 'reschedule') throw refusal;
      if (lost === undefined) setError(refusal);
      else setTold(lost);
      void client.invalidateQueries({ queryKey: ['job', job.jobId] });
    } finally {
      setBusy(undefined);
    }
  };

  const actions = useRef<HTMLDivElement>(null);
  useKeys({ '.': () => actions.current?.querySelector<HTMLElement>('button, a')?.focus() });

  const left = timeLeft(job, now);
  return (
    <>
      <div className="actions" ref={actions} role="group" aria-label="What can be done">
        {verbsOf(job, now).map((verb) => (
          <button
            key={verb}
            type="button"
            className={`button button-plain ${verb === 'cancel' || verb === 'abort' ? 'button-grave' : ''}`}
            disabled={busy !== undefined}
            aria-busy={busy === verb}
            onClick={() => (verb === 'reschedule' ? setMoving(true) : void command(verb, {}))}
          >
            {NAMES[verb]}
          </button>
        ))}
        <Link className="button button-plain" to={`/jobs/new?like=${job.jobId}`}>
          Schedule again
        </Link>
      </div>
      <div className="actions-told">
        {left !== undefined && <p className="soft">{left}.</p>}
        {told !== undefined && (
          <p className="told" role="status">
            {told}
          </p>
        )}
        {error !== undefined && <Notice error={error} />}
      </div>
      {isMoving && (
        <MoveDialog
          title={
            <>
              Move “<bdi>{job.name}</bdi>”
            </>
          }
          from={job.dueAt}
          onClose={() => setMoving(false)}
          onMove={(dueAt, reason) =>
            command('reschedule', { dueAt, ...(reason !== '' && { reason }) })
          }
        />
      )}
    </>
  );
};
