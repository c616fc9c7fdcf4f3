import { useState } from 'react';
import { Link } from 'react-router';
import { Notice } from '../frame/notice';
import type { Occurrence, Schedule } from '../http/answers';
import { send } from '../http/client';
import { MoveDialog } from '../job/move-dialog';
import { Status } from '../jobs/status';
import { count, day, relative } from '../time/format';
import { useNow } from '../time/now';
import { useOccurrences, useReread } from './use-schedule';

const A_DAY_MS = 24 * 60 * 60_000;

const REASONS: Readonly<Record<string, string>> = {
  missed: 'nothing could run then',
  'still-running': 'the run before was still going',
  paused: 'the schedule was paused',
  changed: 'the rule was changed',
  deleted: 'the schedule was deleted',
  'zone-data': 'newer zone data has it at another time',
  cancelled: 'it was cancelled',
};

const timeOf = (occurrence: Occurrence): string => {
  const { localTime, dueAt, occurrenceAt } = occurrence;
  return (
    /T(\d{2}:\d{2}(?::[0-5][1-9]|:[1-5]0)?)/.exec(localTime ?? dueAt ?? occurrenceAt)?.[1] ?? ''
  );
};

const About = ({ occurrence }: { readonly occurrence: Occurrence }) => {
  const { status, reason, count: many, jobId, jobStatus, origin } = occurrence;
  if (status === 'skipped')
    return (
      <span className="soft">
        {many !== undefined && many > 1 && `${count(many)} `}skipped:{' '}
        {REASONS[reason ?? ''] ?? reason}
      </span>
    );
  return (
    <>
      {jobStatus ? (
        <Status status={jobStatus} />
      ) : (
        <span className="status status-planned">planned</span>
      )}{' '}
      {jobId !== undefined && jobStatus && <Link to={`/jobs/${jobId}`}>its job</Link>}
      {origin !== 'rule' && <span className="soft"> {origin}</span>}
    </>
  );
};

type RowProps = {
  readonly occurrence: Occurrence;
  readonly zone: string;
  readonly onMove: () => void;
  readonly onCancel: () => void;
};

const Row = ({ occurrence, zone, onMove, onCancel }: RowProps) => {
  const now = useNow();
  const at = Date.parse(occurrence.dueAt ?? occurrence.occurrenceAt);
  const isAhead = occurrence.status === 'planned' && at > now;
  return (
    <li className={isAhead ? undefined : 'past'}>
      <span>{day(at, zone, now)}</span>
      <span>{timeOf(occurrence)}</span>
      <span className="soft">{Math.abs(at - now) < A_DAY_MS ? relative(at, now, zone) : ''}</span>
      <span>
        <About occurrence={occurrence} />
      </span>
      <span className="row-actions">
        {isAhead && (
          <>
            <button type="button" className="link" onClick={onMove}>
              Move…
            </button>
            <button type="button" className="link" onClick={onCancel}>
              Cancel
            </button>
          </>
        )}
      </span>
    </li>
  );
};

/** What became of its times, and which are to come; one of these can be moved or cancelled, and no other moves. */
export const Occurrences = ({ schedule }: { readonly schedule: Schedule }) => {
  const { scheduleId, timeZone } = schedule;
  const { data, error, hasNextPage, fetchNextPage } = useOccurrences(scheduleId);
  const reread = useReread(scheduleId);
  const [moving, setMoving] = useState<Occurrence>();
  const [refusal, setRefusal] = useState<unknown>();

  const change = async (occurrence: Occurrence, verb: string, body: object): Promise<void> => {
    setRefusal(undefined);
    await send<Schedule>(
      `v1/schedules/${scheduleId}/occurrences/${occurrence.occurrenceAt}/${verb}`,
      body,
    );
    await reread();
  };

  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="panel">
      <h2>Occurrences, on the clocks of {timeZone}</h2>
      {error && <Notice error={error} />}
      {refusal !== undefined && <Notice error={refusal} />}
      <ul className="occurrences">
        {items.map((occurrence) => (
          <Row
            key={`${occurrence.occurrenceAt} ${occurrence.origin} ${occurrence.jobId ?? ''}`}
            occurrence={occurrence}
            zone={timeZone}
            onMove={() => setMoving(occurrence)}
            onCancel={() => void change(occurrence, 'cancel', {}).catch(setRefusal)}
          />
        ))}
      </ul>
      {data && items.length === 0 && <p className="soft">None.</p>}
      {hasNextPage && (
        <button
          type="button"
          className="button button-plain more"
          onClick={() => void fetchNextPage()}
        >
          Later ones
        </button>
      )}
      {moving && (
        <MoveDialog
          title="Move this one"
          from={moving.dueAt ?? moving.occurrenceAt}
          onClose={() => setMoving(undefined)}
          onMove={(dueAt, note) => change(moving, 'move', { dueAt, ...(note !== '' && { note }) })}
        />
      )}
    </section>
  );
};
