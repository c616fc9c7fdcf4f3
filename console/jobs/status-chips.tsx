import { useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import type { JobCounts } from '../http/answers';
import { count } from '../time/format';
import { STATUSES, withFilter, type Filter } from './filter';

type StatusChipsProps = { readonly filter: Filter; readonly counts: JobCounts | undefined };

/** The list by status, each with how many the server counts. */
export const StatusChips = ({ filter, counts }: StatusChipsProps) => {
  const [search] = useSearchParams();
  const isComplete = counts?.isComplete !== false;
  /** At least none is nothing to say. */
  const textOf = (many: number): string =>
    isComplete ? count(many) : many === 0 ? '' : `${count(many)}+`;
  const all = counts && STATUSES.reduce((sum, status) => sum + counts.counts[status], 0);
  const chip = (name: string, status: string, many: number | undefined) => (
    <Link
      key={name}
      className="chip"
      to={{ pathname: '/jobs', search: withFilter(search, { status }) }}
      aria-current={(filter.status ?? '') === status ? 'true' : undefined}
      preventScrollReset
    >
      {name}
      <b>{many === undefined ? '' : textOf(many)}</b>
    </Link>
  );
  return (
    <nav className="chips" aria-label="Jobs by status">
      {chip('All', '', all)}
      {STATUSES.filter(
        // few have ever aborted a job
        (status) =>
          status !== 'aborted' || (counts?.counts.aborted ?? 0) > 0 || filter.status === 'aborted',
      ).map((status) =>
        chip(status.charAt(0).toUpperCase() + status.slice(1), status, counts?.counts[status]),
      )}
    </nav>
  );
};
