import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Notice } from '../frame/notice';
import { Widgets } from '../frame/widgets';
import type { CrowdedMinute, Job } from '../http/answers';
import { isProblem } from '../http/problem';
import { crowdedText } from '../jobs/crowding';
import { Status } from '../jobs/status';
import { useAsOf } from '../past/as-of';
import { PastJob } from '../past/past-job';
import { useZone } from '../time/zone';
import { Details } from './details';
import { JobActions } from './job-actions';
import { useJob, useStory } from './use-job';

const Missing = ({ jobId }: { readonly jobId: string }) => (
  <div className="empty">
    <h1>There is no such job</h1>
    <p>
      <code>{jobId}</code> is none that you may see. <Link to="/jobs">Go to the jobs</Link>.
    </p>
  </div>
);

const PresentDetails = ({ job }: { readonly job: Job }) => {
  const { data, error } = useStory(job.jobId);
  return <Details job={job} story={data} storyError={error} hasEvents />;
};

const OneJob = () => {
  const { jobId = '' } = useParams();
  const navigate = useNavigate();
  const { state } = useLocation() as {
    state: { from?: string; crowded?: CrowdedMinute } | null;
  }; // set by rows of the list, and by the form of a new job
  const { zone } = useZone();
  const { data: job, error, refetch } = useJob(jobId);
  const { asOf } = useAsOf();
  const list = `/jobs${state?.from ?? ''}`;
  useKeys({ Escape: () => void (state ? navigate(-1) : navigate(list)) });

  if (isProblem(error, 'job-not-found') || isProblem(error, 'bad-id'))
    return <Missing jobId={jobId} />;
  return (
    <>
      <title>{`${job?.name ?? 'Job'} · Punctual`}</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to={list}>Jobs</Link> / <code>{jobId}</code>
      </nav>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {asOf !== undefined && <PastJob jobId={jobId} asOf={asOf} />}
      {asOf === undefined && job && (
        <>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{job.name}</h1>
              <Status status={job.status} />
            </div>
            <JobActions job={job} />
          </div>
          {state?.crowded && job.status === 'scheduled' && (
            <p className="advice">
              {crowdedText(state.crowded, zone)}. Move it where the minute does not matter.
            </p>
          )}
          <PresentDetails job={job} />
        </>
      )}
    </>
  );
};

export const JobPage = () => (
  <Widgets>
    <OneJob />
  </Widgets>
);
