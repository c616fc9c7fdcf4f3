import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import type { DeadLetters } from '../http/answers';
import { useOpened, type JobState } from '../jobs/opened';
import { sameMoment } from '../past/as-of';
import { count } from '../time/format';
import { RowTime } from '../time/row-time';

export type Cause = DeadLetters['causes'][number];

export const causeId = ({ errorCode, queue }: Cause): string => `cause ${queue} ${errorCode}`;
/** Of what opens the one that did so last. */
export const lastId = (cause: Cause): string => `last of ${causeId(cause)}`;

/** The jobs of a cause, as a list or an operation is narrowed to them. */
export const filterOf = ({ errorCode, queue }: Cause, ownerId: string | undefined) => ({
  ...{ errorCode, queue },
  ...(ownerId !== undefined && { ownerId }),
});

type CauseRowProps = {
  readonly cause: Cause;
  readonly ownerId: string | undefined;
  readonly isOwnerShown: boolean;
  /** Its last one lies over the page. */
  readonly isOpen: boolean;
  /** Absent: nothing can be changed from here. */
  readonly onRedrive: (() => void) | undefined;
};

/** What failed for one reason in one queue, with the one that did so last beside it. */
export const CauseRow = (props: CauseRowProps) => {
  const { cause, ownerId, isOwnerShown, isOpen, onRedrive } = props;
  const { errorCode, queue, jobs, isCounted, firstAt, lastAt, last } = cause;
  const { pathname, search: asked } = useLocation();
  const moment = sameMoment(asked);
  const search = new URLSearchParams(moment);
  const narrowed = { status: 'failed', ...filterOf(cause, ownerId) };
  for (const [name, text] of Object.entries(narrowed)) search.set(name, text);
  const hasOpened = useOpened().jobId !== undefined;
  // a job of the past is a page, with the slider over its own steps
  const state: JobState = { from: `${pathname}${asked}`, ...(moment === '' && { isOver: true }) };
  const many = `${count(jobs)}${isCounted ? '' : '+'}`;
  return (
    <tr className={isOpen ? 'row-open' : undefined}>
      <th scope="row">
        {errorCode === '' ? (
          'an error that cannot be read'
        ) : (
          <Link id={causeId(cause)} to={`/jobs?${search.toString()}`}>
            <code dir="auto">{errorCode}</code>
          </Link>
        )}
        <span className="under narrow-only">queue {queue}</span>
        <span className="under wrapping" dir="auto">
          {last.message}
        </span>
      </th>
      <td>{queue}</td>
      <td className="number">{many}</td>
      <td>
        <RowTime at={firstAt} />
      </td>
      <td>
        <RowTime at={lastAt} />
      </td>
      <td>
        <Link
          id={lastId(cause)}
          to={`/jobs/${last.jobId}${moment}`}
          state={state}
          replace={hasOpened}
          aria-current={isOpen ? 'true' : undefined}
          dir="auto"
        >
          {last.name}
        </Link>
        {isOwnerShown && <span className="under">{last.ownerId}</span>}
      </td>
      {onRedrive && (
        <td>
          {errorCode !== '' && (
            <button
              type="button"
              className="link"
              aria-label={`Run again… ${errorCode} in ${queue}`}
              onClick={onRedrive}
            >
              Run again…
            </button>
          )}
        </td>
      )}
    </tr>
  );
};
