import type { ReactNode } from 'react';
import { Link } from '../frame/link';
import type { Job } from '../http/answers';
import { count, number, span } from '../time/format';
import { Moment } from '../time/moment';
import { OfSchedule } from './of-schedule';

const retryOf = ({ retry: { maxAttempts, initialDelayMs, factor } }: Job): string => {
  if (maxAttempts === 1) return 'one attempt';
  const growth = factor === 2 ? ', doubling' : factor === 1 ? '' : `, times ${number(factor)}`;
  return `${count(maxAttempts)} attempts, after ${span(initialDelayMs)}${growth}`;
};

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

export const About = ({ job }: { readonly job: Job }) => {
  return (
    <section className="panel">
      <h2>About</h2>
      <dl className="about">
        <Row name="Queue">
          <Link to={`/jobs?queue=${encodeURIComponent(job.queue)}`}>{job.queue}</Link>
        </Row>
        <Row name="Location">
          <code dir="auto">{job.location}</code>
        </Row>
        {job.tags.length > 0 && (
          <Row name="Tags">
            {job.tags.map((tag) => (
              <Link
                key={tag}
                className="tag"
                dir="auto"
                to={`/jobs?tag=${encodeURIComponent(tag)}`}
              >
                {tag}
              </Link>
            ))}
          </Row>
        )}
        <Row name="Due">
          <Moment at={job.dueAt} isExact />
        </Row>
        <Row name="Time limit">{span(job.timeoutMs)}</Row>
        <Row name="Retry">{retryOf(job)}</Row>
        {job.cutoffMs > 0 && <Row name="Cut-off">{span(job.cutoffMs)} before it is due</Row>}
        {job.maxLatenessMs !== undefined && (
          <Row name="Expires">{span(job.maxLatenessMs)} after it was due</Row>
        )}
        {job.scheduleId !== undefined && (
          <Row name="Schedule">
            <OfSchedule scheduleId={job.scheduleId} occurrenceAt={job.occurrenceAt} />
          </Row>
        )}
        <Row name="Owner">
          <span dir="auto">{job.ownerId}</span>
        </Row>
      </dl>
    </section>
  );
};
