import { memo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Job } from '../http/answers';
import { sameMoment, useAsOf } from '../past/as-of';
import { relative, under } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { useOpened, type JobState } from './opened';
import { pickId, rowId } from './row-focus';
import { Standing } from './standing';
import { Status } from './status';

const attemptOf = ({ attempt, retry, status, startedAt }: Job): string => {
  const hasTried = startedAt !== null || attempt > 1;
  if (!hasTried && (status === 'cancelled' || status === 'expired')) return '–';
  return attempt > 1 ? `${attempt} of ${retry.maxAttempts}` : String(attempt);
};

const TAGS_SHOWN = 2;

const Tags = ({ tags }: { readonly tags: readonly string[] }) => (
  <>
    {tags.slice(0, TAGS_SHOWN).map((tag) => (
      <span key={tag} className="tag" dir="auto">
        {tag}
      </span>
    ))}
    {tags.length > TAGS_SHOWN && <span className="soft">+{tags.length - TAGS_SHOWN}</span>}
  </>
);

type PickProps = {
  readonly job: Job;
  readonly isPicked: boolean;
  readonly onPick: (jobId: string, isRange: boolean) => void;
};

/** Takes the job into the selection; with shift all from the last one up to it. */
const PickCell = ({ job, isPicked, onPick }: PickProps) => (
  <div role="cell" className="cell-pick">
    <input
      id={pickId(job.jobId)}
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
  /** It lies over the list. */
  readonly isOpen?: boolean;
  readonly isPicked?: boolean;
  /** Absent where nothing can be selected. */
  readonly onPick?: ((jobId: string, isRange: boolean) => void) | undefined;
};

/** One job in a line; it stays where it is while it changes. */
export const JobRow = memo((props: JobRowProps) => {
  const { job, index, top, isOwnerShown, onPick } = props;
  const { isOpen = false, isPicked = false } = props;
  const now = useNow();
  const { zone } = useZone();
  const { search } = useLocation();
  const isPast = useAsOf().asOf !== undefined;
  const hasOpened = useOpened().jobId !== undefined;
  const state: JobState = { from: search, ...(!isPast && { isOver: true }) };
  const dueAt = Date.parse(job.dueAt);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
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
      <div role="cell" className="cell-due">
        {relative(dueAt, now, zone)}
        <time className="under" dateTime={job.dueAt}>
          {under(dueAt, now, zone)}
        </time>
      </div>
      <div role="cell" className="cell-status">
        <Status status={job.status} />
      </div>
      <div role="cell" className="cell-standing">
        <Standing job={job} now={now} />
      </div>
      <div role="cell" className="cell-tags">
        <Tags tags={job.tags} />
      </div>
      <div role="cell" className="cell-attempt">
        {attemptOf(job)}
      </div>
    </div>
  );
});
JobRow.displayName = 'JobRow';
