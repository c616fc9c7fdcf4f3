import { useState } from 'react';
import { useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import { Widgets } from '../frame/widgets';
import type { Schedule } from '../http/answers';
import { Problem } from '../http/problem';
import { fieldsOf, type Definition } from './definition';
import { ScheduleForm } from './schedule-form';
import { useSendAtRevision, type Sent } from './send-at-revision';
import { useSchedule } from './use-schedule';

type LostProps = {
  readonly lost: Extract<Sent, { outcome: 'lost' }>;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
};

/** Somebody was faster: what that was, and both ways on. */
const Lost = ({ lost, onTheirs, onMine }: LostProps) => (
  <div className="advice" role="alert">
    <b>Somebody was faster.</b> While this was open, {lost.what} was changed. Nothing of yours is
    recorded yet.{' '}
    <button type="button" className="link" onClick={onTheirs}>
      Begin again with theirs
    </button>
    <button type="button" className="link" onClick={onMine}>
      Replace it by mine
    </button>
  </div>
);

type FormProps = { readonly schedule: Schedule; readonly onBeginAgain: (now: Schedule) => void };

const Form = ({ schedule, onBeginAgain }: FormProps) => {
  const go = useGo();
  const { scheduleId } = schedule;
  const sendAtRevision = useSendAtRevision(scheduleId);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [lost, setLost] = useState<{
    readonly sent: Extract<Sent, { outcome: 'lost' }>;
    readonly mine: Definition;
  }>();
  const [begun] = useState(() => fieldsOf(schedule));

  const change = async (mine: Definition, seen: Schedule): Promise<void> => {
    setBusy(true);
    setError(undefined);
    setLost(undefined);
    try {
      const sent = await sendAtRevision(seen, { method: 'PUT', body: mine });
      if (sent.outcome === 'done') {
        go(`/schedules/${scheduleId}`, { replace: true });
        return;
      }
      setLost({ sent, mine });
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };

  return (
    <ScheduleForm
      begun={begun}
      kept={schedule}
      verb="Change it"
      back={`/schedules/${scheduleId}`}
      isBusy={isBusy}
      errors={error instanceof Problem ? error.errors : []}
      told={
        <>
          {error !== undefined && <Notice error={error} />}
          {lost && (
            <Lost
              lost={lost.sent}
              onTheirs={() => onBeginAgain(lost.sent.now)}
              onMine={() => void change(lost.mine, lost.sent.now)}
            />
          )}
        </>
      }
      onSend={(mine) => void change(mine, lost?.sent.now ?? schedule)}
    />
  );
};

const ChangeSchedule = () => {
  const { scheduleId = '' } = useParams();
  const go = useGo();
  const { data, error, refetch } = useSchedule(scheduleId);
  // as it was when the fields were filled, whatever is read later
  const [begun, setBegun] = useState<Schedule>();
  if (data && !begun) setBegun(data);
  useKeys({ Escape: () => go(`/schedules/${scheduleId}`) });
  return (
    <>
      <title>{`Change ${begun?.name ?? 'a schedule'} · Punctual`}</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/schedules">Schedules</Link> /{' '}
        <Link to={`/schedules/${scheduleId}`}>{begun?.name ?? scheduleId}</Link> / Change
      </nav>
      {error && !begun && <Notice error={error} onRetry={() => void refetch()} />}
      {begun && <Form key={begun.revision} schedule={begun} onBeginAgain={setBegun} />}
    </>
  );
};

export const ChangeSchedulePage = () => (
  <Widgets>
    <ChangeSchedule />
  </Widgets>
);
