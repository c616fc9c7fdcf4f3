import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import type { DeadLetters } from '../http/answers';
import { useOpened, type JobState } from '../jobs/opened';
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
  readonly onRedrive: () => void;
};

/** What failed for one reason in one queue, with the one that did so last beside it. */
export const CauseRow = (props: CauseRowProps) => {
  const { cause, ownerId, isOwnerShown, isOpen, onRedrive } = props;
  const { errorCode, queue, jobs, isCounted, firstAt, lastAt, last } = cause;
  const search = new URLSearchParams({ status: 'failed', ...filterOf(cause, ownerId) });
  const { pathname, search: asked } = useLocation();
  const hasOpened = useOpened().jobId !== undefined;
  const state: JobState = { from: `${pathname}${asked}`, isOver: true };
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
          to={`/jobs/${last.jobId}`}
          state={state}
          replace={hasOpened}
          aria-current={isOpen ? 'true' : undefined}
          dir="auto"
        >
          {last.name}
        </Link>
        {isOwnerShown && <span className="under">{last.ownerId}</span>}
      </td>
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
    </tr>
  );
};
