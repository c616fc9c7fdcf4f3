import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import type { Occurrence } from '../http/answers';
import { Status } from '../jobs/status';
import { sameMoment } from '../past/as-of';
import { Exact } from '../time/exact';
import { count, day, relative, wallClock } from '../time/format';
import { useNow } from '../time/now';
import { standsAt, wallTimeOf } from './month';

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

const timeOf = (occurrence: Occurrence, zone: string): string =>
  wallClock(wallTimeOf(occurrence, zone).slice(11, 19));

const About = ({ occurrence }: { readonly occurrence: Occurrence }) => {
  const { search } = useLocation();
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
      {jobId !== undefined && jobStatus && (
        <Link to={`/jobs/${jobId}${sameMoment(search)}`}>its job</Link>
      )}
      {origin !== 'rule' && <span className="soft"> {origin}</span>}
    </>
  );
};

type RowProps = {
  readonly occurrence: Occurrence;
  readonly zone: string;
  /** What can be done to one that is ahead; nothing in the past. */
  readonly onMove?: () => void;
  readonly onCancel?: () => void;
};

/** When an occurrence is, and what becomes of it. */
export const OccurrenceRow = ({ occurrence, zone, onMove, onCancel }: RowProps) => {
  const now = useNow();
  const at = standsAt(occurrence);
  const isAhead = occurrence.status === 'planned' && at > now;
  return (
    <li className={isAhead ? undefined : 'past'}>
      <span>{day(at, zone, now)}</span>
      <span>
        <Exact at={new Date(at).toISOString()}>{timeOf(occurrence, zone)}</Exact>
      </span>
      <span className="soft">{Math.abs(at - now) < A_DAY_MS ? relative(at, now, zone) : ''}</span>
      <span>
        <About occurrence={occurrence} />
      </span>
      <span className="row-actions">
        {isAhead && onMove && onCancel && (
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
