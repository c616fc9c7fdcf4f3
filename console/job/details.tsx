import type { ReactNode } from 'react';
import { Notice } from '../frame/notice';
import type { Job, Story } from '../http/answers';
import { sessionStore } from '../http/session';
import { inZone } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { About } from './about';
import { Attempts } from './attempts';
import { Course } from './course';
import { RawEvents } from './raw-events';
import { Sealed } from './sealed';
import { summaryOf } from './summary';
import { Told } from './told';

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

/** Its course says all of a single attempt that went well, or goes on. */
const isTold = ({ attempts }: Story): boolean =>
  attempts.length > 1 || (attempts[0]?.error ?? null) !== null;

type DetailsProps = {
  readonly job: Job;
  readonly story: Story | undefined;
  readonly storyError: unknown;
  /** Between its course and its story. */
  readonly children?: ReactNode;
  /** Whether its events are offered, which are those of now. */
  readonly hasEvents: boolean;
};

/** All that there is to know of a job. */
export const Details = ({ job, story, storyError, children, hasEvents }: DetailsProps) => {
  const now = useNow();
  const { zone } = useZone();
  const isOperator = sessionStore.current()?.role === 'operator';
  const verdict = story?.verdict;
  return (
    <div className="columns">
      <div>
        <section className="panel">
          <h2>{summaryOf(job, now)}</h2>
          <Course job={job} now={now} />
          {verdict?.ran === 'late' && <p className="why">{inZone(verdict.why, zone, now)}</p>}
        </section>
        {story && isTold(story) && (
          <section className="panel attempts">
            <h2>Attempts</h2>
            <Attempts attempts={story.attempts} />
          </section>
        )}
        {children}
        <section className="panel">
          <h2>What happened, and why</h2>
          {storyError !== null && storyError !== undefined && <Notice error={storyError} />}
          {story && <Told steps={story.steps} />}
        </section>
        {hasEvents && <RawEvents jobId={job.jobId} />}
      </div>
      <div>
        <About job={job} />
        {job.error && <Failure error={job.error} />}
        {job.result !== undefined && <Value title="Result" value={job.result} />}
        {hasEvents && story && isOperator && (
          <section className="panel">
            <h2>Sealed</h2>
            <Sealed steps={story.steps} />
          </section>
        )}
        {job.payload !== undefined && <Value title="Payload" value={job.payload} />}
      </div>
    </div>
  );
};
