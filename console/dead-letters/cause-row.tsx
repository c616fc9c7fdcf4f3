import { Link, useLocation } from 'react-router';
import type { DeadLetters } from '../http/answers';
import { sameMoment } from '../past/as-of';
import { Exact } from '../time/exact';
import { count, relative, under } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';

export type Cause = DeadLetters['causes'][number];

export const causeId = ({ errorCode, queue }: Cause): string => `cause ${queue} ${errorCode}`;

/** The jobs of a cause, as a list or an operation is narrowed to them. */
export const filterOf = ({ errorCode, queue }: Cause, ownerId: string | undefined) => ({
  ...{ errorCode, queue },
  ...(ownerId !== undefined && { ownerId }),
});

const When = ({ at }: { readonly at: string }) => {
  const now = useNow();
  const { zone } = useZone();
  const instant = Date.parse(at);
  return (
    <Exact at={at}>
      {relative(instant, now, zone)}
      <time className="under" dateTime={at}>
        {under(instant, now, zone)}
      </time>
    </Exact>
  );
};

type CauseRowProps = {
  readonly cause: Cause;
  readonly ownerId: string | undefined;
  readonly isOwnerShown: boolean;
  /** Absent: nothing can be changed from here. */
  readonly onRedrive: (() => void) | undefined;
};

/** What failed for one reason in one queue, with the one that did so last beside it. */
export const CauseRow = ({ cause, ownerId, isOwnerShown, onRedrive }: CauseRowProps) => {
  const { errorCode, queue, jobs, isCounted, firstAt, lastAt, last } = cause;
  const moment = sameMoment(useLocation().search);
  const search = new URLSearchParams(moment);
  const narrowed = { status: 'failed', ...filterOf(cause, ownerId) };
  for (const [name, text] of Object.entries(narrowed)) search.set(name, text);
  const many = `${count(jobs)}${isCounted ? '' : '+'}`;
  return (
    <tr>
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
        <When at={firstAt} />
      </td>
      <td>
        <When at={lastAt} />
      </td>
      <td>
        <Link to={`/jobs/${last.jobId}${moment}`} dir="auto">
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
