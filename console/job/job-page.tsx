import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { jobStateOf } from '../jobs/opened';
import { useAsOf } from '../past/as-of';
import { PastJob } from '../past/past-job';
import { useSameZone } from '../time/zone';
import { OneJob } from './one-job';

/** A job as a page of its own. */
export const JobPage = () => {
  const { jobId = '' } = useParams();
  const navigate = useNavigate();
  const state = jobStateOf(useLocation());
  const { asOf } = useAsOf();
  const list = useSameZone()(`/jobs${state?.from ?? ''}`);
  useKeys({ Escape: () => void (state ? navigate(-1) : navigate(list)) });
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to={list}>Jobs</Link> / <code>{jobId}</code>
      </nav>
      {asOf === undefined ? (
        <OneJob jobId={jobId} crowded={state?.crowded} />
      ) : (
        <PastJob jobId={jobId} asOf={asOf} />
      )}
    </>
  );
};
