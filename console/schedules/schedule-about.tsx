import { Link } from '../frame/link';
import type { Schedule } from '../http/answers';
import { span } from '../time/format';
import { Moment } from '../time/moment';
import { hintOf, MISSED, STILL_RUNNING } from './policies';
import { timingText } from './timing';

/** What a schedule says of itself. */
export const ScheduleAbout = ({ schedule }: { readonly schedule: Schedule }) => {
  const { timing, timeZone, job, whenStillRunning = 'allow', whenMissed, offsetMs } = schedule;
  return (
    <section className="panel">
      <h2>About</h2>
      <dl className="about">
        <div>
          <dt>Rule</dt>
          <dd>
            <code>{timing.rrule ?? timingText(timing)}</code>
          </dd>
        </div>
        <div>
          <dt>Zone</dt>
          <dd>{timeZone}</dd>
        </div>
        <div>
          <dt>What runs</dt>
          <dd>
            <code>{job.location}</code> in queue {job.queue ?? 'default'}
          </dd>
        </div>
        <div>
          <dt>Still running</dt>
          <dd>{hintOf(STILL_RUNNING, whenStillRunning)}</dd>
        </div>
        <div>
          <dt>Missed</dt>
          <dd>{hintOf(MISSED, whenMissed?.policy ?? 'fire-once')}</dd>
        </div>
        {offsetMs > 0 && (
          <div>
            <dt>Spread</dt>
            <dd>starts {span(offsetMs)} later</dd>
          </div>
        )}
        <div>
          <dt>Since</dt>
          <dd>
            <Moment at={schedule.ruleSince} />
          </dd>
        </div>
        <div>
          <dt>Owner</dt>
          <dd dir="auto">{schedule.ownerId}</dd>
        </div>
        <div>
          <dt>Runs</dt>
          <dd>
            <Link to={`/jobs?scheduleId=${schedule.scheduleId}`}>all its jobs</Link>
          </dd>
        </div>
      </dl>
    </section>
  );
};
