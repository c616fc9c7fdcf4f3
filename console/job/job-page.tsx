import { useLocation, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { jobStateOf } from '../jobs/opened';
import { useAsOf } from '../past/as-of';
import { PastJob } from '../past/past-job';
import { OneJob } from './one-job';

/** A job as a page of its own. */
export const JobPage = () => {
  const { jobId = '' } = useParams();
  const go = useGo();
  const state = jobStateOf(useLocation());
  const { asOf } = useAsOf();
  const { from = '/jobs' } = state ?? {};
  useKeys({ Escape: () => go(state ? -1 : from) });
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to={from}>{from.startsWith('/dead-letters') ? 'Dead letters' : 'Jobs'}</Link> /{' '}
        <code>{jobId}</code>
      </nav>
      {asOf === undefined ? (
        <OneJob jobId={jobId} crowded={state?.crowded} />
      ) : (
        <PastJob jobId={jobId} asOf={asOf} />
      )}
    </>
  );
};
