import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import type { CrowdedMinute, Job } from '../http/answers';
import { isProblem } from '../http/problem';
import { crowdedText } from '../jobs/crowding';
import { Status } from '../jobs/status';
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

type OneJobProps = {
  readonly jobId: string;
  /** That its minute is full, as one was told when it was scheduled. */
  readonly crowded?: CrowdedMinute | undefined;
};

/** A job as it is: what it is called, what can be done to it, and all that is known of it. */
export const OneJob = ({ jobId, crowded }: OneJobProps) => {
  const { zone } = useZone();
  const { data: job, error, refetch } = useJob(jobId);
  if (isProblem(error, 'job-not-found') || isProblem(error, 'bad-id'))
    return <Missing jobId={jobId} />;
  return (
    <>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {job && (
        <>
          <title>{`${job.name} · Punctual`}</title>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{job.name}</h1>
              <Status status={job.status} />
            </div>
            <JobActions job={job} />
          </div>
          {crowded && job.status === 'scheduled' && (
            <p className="advice">
              {crowdedText(crowded, zone)}. Move it where the minute does not matter.
            </p>
          )}
          <PresentDetails job={job} />
        </>
      )}
    </>
  );
};
