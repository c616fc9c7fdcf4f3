import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useKeys } from '../frame/keys';
import { Notice } from '../frame/notice';
import type { CommandedJob, Job } from '../http/answers';
import { readFresh, send } from '../http/client';
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

/** Longer than this wants a sentence. */
const SLOW_MS = 2_000;
const SLOW = 'Sent, and not seen yet: it shows as soon as the read model has it';

const useSlow = (isBusy: boolean): boolean => {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isBusy]);
  return isSlow;
};

/** What can be done to a job now, and what became of it. */
export const JobActions = ({ job }: { readonly job: Job }) => {
  const client = useQueryClient();
  const now = useNow();
  const [isMoving, setMoving] = useState(false);
  const [busy, setBusy] = useState<Verb>();
  const [error, setError] = useState<unknown>();
  const [told, setTold] = useState<string>();

  const command = async (verb: Verb, body: object): Promise<void> => {
    setError(undefined);
    setTold(undefined);
    setBusy(verb);
    try {
      await send<CommandedJob>(`v1/jobs/${job.jobId}/${verb}`, body);
      // shown once the read model has it
      applyJob(client, await readFresh<Job>(`v1/jobs/${job.jobId}`));
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

  const isSlow = useSlow(busy !== undefined);
  const left = isSlow ? SLOW : timeLeft(job, now);
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
        {left !== undefined && (
          <p className="soft" aria-live={isSlow ? 'polite' : undefined}>
            {left}.
          </p>
        )}
        {told !== undefined && (
          <p className="told" role="status">
            {told}
          </p>
        )}
        {error !== undefined && <Notice error={error} />}
      </div>
      {isMoving && (
        <MoveDialog
          title={`Move “${job.name}”`}
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
