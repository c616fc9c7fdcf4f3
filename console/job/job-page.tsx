import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Notice } from '../frame/notice';
import type { Job } from '../http/answers';
import { isProblem } from '../http/problem';
import { Status } from '../jobs/status';
import { inZone } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { About } from './about';
import { Course } from './course';
import { JobActions } from './job-actions';
import { RawEvents } from './raw-events';
import { summaryOf } from './summary';
import { Told } from './told';
import { useJob, useStory } from './use-job';
import { Widgets } from '../frame/widgets';

const Value = ({ title, value }: { readonly title: string; readonly value: unknown }) => (
  <section className="panel">
    <h2>{title}</h2>
    <pre className="block" tabIndex={0} dir="auto">
      {typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}
    </pre>
  </section>
);

const Failure = ({
  error,
}: {
  readonly error: { readonly code: string; readonly message: string };
}) => (
  <section className="panel">
    <h2>Error</h2>
    <p className="wrong" dir="auto">
      <code>{error.code}</code> {error.message}
    </p>
  </section>
);

const Missing = ({ jobId }: { readonly jobId: string }) => (
  <div className="empty">
    <h1>There is no such job</h1>
    <p>
      <code>{jobId}</code> is none that you may see. <Link to="/jobs">Go to the jobs</Link>.
    </p>
  </div>
);

const Details = ({ job }: { readonly job: Job }) => {
  const now = useNow();
  const story = useStory(job.jobId);
  const { zone } = useZone();
  const verdict = story.data?.verdict;
  return (
    <div className="columns">
      <div>
        <section className="panel">
          <h2>{summaryOf(job, now)}</h2>
          <Course job={job} now={now} />
          {verdict?.ran === 'late' && <p className="why">{inZone(verdict.why, zone, now)}</p>}
        </section>
        <section className="panel">
          <h2>What happened, and why</h2>
          {story.error && <Notice error={story.error} />}
          {story.data && <Told steps={story.data.steps} />}
        </section>
        <RawEvents jobId={job.jobId} />
      </div>
      <div>
        <About job={job} />
        {job.error && <Failure error={job.error} />}
        {job.result !== undefined && <Value title="Result" value={job.result} />}
        {job.payload !== undefined && <Value title="Payload" value={job.payload} />}
      </div>
    </div>
  );
};

const OneJob = () => {
  const { jobId = '' } = useParams();
  const navigate = useNavigate();
  const { state } = useLocation() as { state: { from?: string } | null }; // set by rows of the list
  const { data: job, error, refetch } = useJob(jobId);
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
      {job && (
        <>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{job.name}</h1>
              <Status status={job.status} />
            </div>
            <JobActions job={job} />
          </div>
          <Details job={job} />
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
