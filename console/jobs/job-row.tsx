import { memo } from 'react';
import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import type { Job } from '../http/answers';
import { sameMoment, useAsOf } from '../past/as-of';
import { useNow } from '../time/now';
import { COLUMNS, type ColumnKey } from './columns';
import { useOpened, type JobState } from './opened';
import { rowId } from './row-focus';

type PickProps = {
  readonly job: Job;
  readonly isPicked: boolean;
  readonly onPick: (jobId: string, isRange: boolean) => void;
};

/** Takes the job into the selection; with shift all from the last one up to it. */
const PickCell = ({ job, isPicked, onPick }: PickProps) => (
  <div role="cell" className="cell-pick">
    <input
      type="checkbox"
      aria-label={`Select ${job.name}`}
      checked={isPicked}
      onChange={({ nativeEvent }) =>
        onPick(job.jobId, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
      }
    />
  </div>
);

type JobRowProps = {
  readonly job: Job;
  readonly index: number;
  readonly top: number;
  readonly isOwnerShown: boolean;
  readonly columns: readonly ColumnKey[];
  /** It lies over the list. */
  readonly isOpen?: boolean;
  readonly isPicked?: boolean;
  /** Absent where nothing can be selected. */
  readonly onPick?: ((jobId: string, isRange: boolean) => void) | undefined;
};

/** One job in a line; it stays where it is while it changes. */
export const JobRow = memo((props: JobRowProps) => {
  const { job, index, top, isOwnerShown, columns, onPick } = props;
  const { isOpen = false, isPicked = false } = props;
  const now = useNow();
  const { pathname, search } = useLocation();
  const isPast = useAsOf().asOf !== undefined;
  const hasOpened = useOpened().jobId !== undefined;
  const state: JobState = { from: `${pathname}${search}`, ...(!isPast && { isOver: true }) };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-job={job.jobId}
      className={[
        'row',
        ...(onPick ? ['row-pickable'] : []),
        ...(isPicked ? ['row-picked'] : []),
        ...(isOpen ? ['row-open'] : []),
      ].join(' ')}
      style={{ transform: `translateY(${top}px)` }}
    >
      {onPick && <PickCell {...{ job, isPicked, onPick }} />}
      <div role="cell" className="cell-name">
        <Link
          id={rowId(job.jobId)}
          to={{ pathname: `/jobs/${job.jobId}`, search: sameMoment(search) }}
          state={state}
          replace={hasOpened}
          aria-current={isOpen ? 'true' : undefined}
          dir="auto"
        >
          {job.name}
        </Link>
        <span className="under" dir="auto">
          {isOwnerShown ? `${job.ownerId} · ${job.queue}` : job.queue}
        </span>
      </div>
      {columns.map((key) => (
        <div key={key} role="cell" className={`cell-${key}`}>
          {COLUMNS[key].cell({ job, now })}
        </div>
      ))}
    </div>
  );
});
JobRow.displayName = 'JobRow';
