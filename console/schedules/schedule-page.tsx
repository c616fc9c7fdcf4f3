import { useState } from 'react';
import { useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Schedule } from '../http/answers';
import { send } from '../http/client';
import { isProblem } from '../http/problem';
import { useSend } from '../http/use-send';
import { Told } from '../job/told';
import { PastSchedule } from '../past/past-schedule';
import { useAsOf } from '../past/as-of';
import { count } from '../time/format';
import { BackfillDialog } from './backfill-dialog';
import { DeleteDialog } from './delete-dialog';
import { Occurrences } from './occurrences';
import { ScheduleAbout } from './schedule-about';
import { useReread, useSchedule, useScheduleStory } from './use-schedule';

const VERBS = { pause: 'Pause', resume: 'Resume', trigger: 'Run it once now' } as const;
type Verb = keyof typeof VERBS;

const verbsOf = ({ status }: Schedule): readonly Verb[] => {
  if (status === 'deleted') return [];
  if (status === 'paused') return ['resume', 'trigger'];
  return status === 'active' ? ['pause', 'trigger'] : ['trigger'];
};

const Actions = ({ schedule }: { readonly schedule: Schedule }) => {
  const { scheduleId } = schedule;
  const reread = useReread(scheduleId);
  const run = useSend();
  const [busy, setBusy] = useState<Verb>();
  const [error, setError] = useState<unknown>();
  const [madeId, setMadeId] = useState<string>();
  const [runs, setRuns] = useState<number>();
  const [open, setOpen] = useState<'backfill' | 'delete'>();

  const command = async (verb: Verb): Promise<void> => {
    setBusy(verb);
    setError(undefined);
    setMadeId(undefined);
    setRuns(undefined);
    const key = crypto.randomUUID();
    try {
      const { jobIds } = await run(async () => {
        const answer = await send<Schedule>(`v1/schedules/${scheduleId}/${verb}`, {}, { key });
        await reread();
        return answer;
      });
      setMadeId(jobIds?.[0]);
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(undefined);
  };

  return (
    <>
      <div className="actions">
        {verbsOf(schedule).map((verb) => (
          <button
            key={verb}
            type="button"
            className="button button-plain"
            disabled={busy !== undefined}
            aria-busy={busy === verb}
            onClick={() => void command(verb)}
          >
            {VERBS[verb]}
          </button>
        ))}
        {schedule.status !== 'deleted' && (
          <>
            <button
              type="button"
              className="button button-plain"
              onClick={() => setOpen('backfill')}
            >
              Run the past…
            </button>
            <Link to={`/schedules/${scheduleId}/change`} className="button button-plain">
              Change…
            </Link>
            <button
              type="button"
              className="button button-plain button-grave"
              onClick={() => setOpen('delete')}
            >
              Delete…
            </button>
          </>
        )}
      </div>
      <div className="actions-told">
        {madeId !== undefined && (
          <p className="told" role="status">
            It runs: <Link to={`/jobs/${madeId}`}>see its job</Link>.
          </p>
        )}
        {runs !== undefined && (
          <p className="told" role="status">
            {runs === 1 ? 'One run was made' : `${count(runs)} runs were made`}:{' '}
            <Link to={`/jobs?scheduleId=${scheduleId}`}>see its jobs</Link>.
          </p>
        )}
        {error !== undefined && <Notice error={error} />}
      </div>
      {open === 'backfill' && (
        <BackfillDialog
          schedule={schedule}
          onClose={() => setOpen(undefined)}
          onDone={(made) => {
            setRuns(made);
            void reread();
          }}
        />
      )}
      {open === 'delete' && <DeleteDialog schedule={schedule} onClose={() => setOpen(undefined)} />}
    </>
  );
};

const History = ({ scheduleId }: { readonly scheduleId: string }) => {
  const { data, error } = useScheduleStory(scheduleId);
  return (
    <section className="panel">
      <h2>What happened lately</h2>
      {error && <Notice error={error} />}
      {data && <Told steps={data.steps} />}
    </section>
  );
};

const OneSchedule = () => {
  const { scheduleId = '' } = useParams();
  const go = useGo();
  const { data: schedule, error, refetch } = useSchedule(scheduleId);
  useKeys({ Escape: () => go('/schedules') });

  if (isProblem(error, 'schedule-not-found') || isProblem(error, 'bad-id'))
    return (
      <div className="empty">
        <h1>There is no such schedule</h1>
        <p>
          <Link to="/schedules">Go to the schedules</Link>
        </p>
      </div>
    );
  return (
    <>
      <title>{`${schedule?.name ?? 'Schedule'} · Punctual`}</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/schedules">Schedules</Link> / <code>{scheduleId}</code>
      </nav>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {schedule && (
        <>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{schedule.name}</h1>
              <span className={`status status-${schedule.status}`}>{schedule.status}</span>
            </div>
            <Actions schedule={schedule} />
          </div>
          {schedule.note !== undefined && <p className="told">{schedule.note}</p>}
          <div className="columns">
            <div>
              <Occurrences schedule={schedule} />
              <History scheduleId={scheduleId} />
            </div>
            <div>
              <ScheduleAbout schedule={schedule} />
            </div>
          </div>
        </>
      )}
    </>
  );
};

/** One schedule, now or as it stood. */
export const SchedulePage = () => {
  const { scheduleId = '' } = useParams();
  const { asOf } = useAsOf();
  return asOf === undefined ? <OneSchedule /> : <PastSchedule {...{ scheduleId, asOf }} />;
};
