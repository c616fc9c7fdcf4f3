import type { Queue } from '../http/answers';
import { HELD_BACK } from '../jobs/standing';
import { clockTime, span } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { sentenceOf, type Readiness } from './readiness';

/** A job that should have started so long ago is late. */
const LATE_MS = 1_000;

const whyOf = (queue: Queue): string => {
  if (queue.executors === 0) return 'no executor serves it';
  if (queue.heldBack) return HELD_BACK[queue.heldBack.reason]?.replace(/^waits[^:]*: /, '') ?? '';
  if (queue.ownersHeldBack > 0) return 'owners have no share left';
  return 'its executors are busy';
};

const lateQueues = (queues: readonly Queue[]): readonly Queue[] =>
  queues
    .filter(({ oldestWaitMs }) => (oldestWaitMs ?? 0) >= LATE_MS)
    .toSorted((one, other) => (other.oldestWaitMs ?? 0) - (one.oldestWaitMs ?? 0));

type VerdictProps = {
  readonly readiness: Readiness | undefined;
  /** Undefined when they cannot be read. */
  readonly queues: readonly Queue[] | undefined;
  readonly isLooking: boolean;
};

/** Whether the system is on time, and if not, since when and why. */
export const Verdict = ({ readiness, queues, isLooking }: VerdictProps) => {
  const { zone } = useZone();
  const now = useNow();
  if (isLooking)
    return (
      <p className="verdict" aria-busy>
        Looking…
      </p>
    );
  if (!readiness) return null; // the page tells why
  const wrong = readiness.conditions.filter(({ status }) => status !== 'ok');
  const isDown = readiness.status !== 'ready';
  const [longest, ...others] = lateQueues(queues ?? []);
  const isWell = queues && !longest && wrong.length === 0;
  const grade = isDown ? 'fail' : isWell ? 'ok' : 'warn';
  const waitMs = longest?.oldestWaitMs ?? 0;
  const onTime = queues
    ? 'On time: no job that is due waits for more than a second.'
    : 'Whether jobs are late is not known: the queues cannot be read.';
  const late = longest
    ? `Late since ${clockTime(now - waitMs, zone)}: a job of queue “${longest.queue}” waits for ${span(waitMs)}, for ${whyOf(longest)}${others.length > 0 ? `; jobs of ${others.length} more wait too` : ''}.`
    : onTime;
  return (
    <div className={`verdict verdict-${grade}`} role="status">
      <b>{isDown ? 'Jobs do not run as they should.' : late}</b>
      {wrong.length > 0 && (
        <ul>
          {wrong.map((condition) => (
            <li key={condition.name}>
              {condition.status === 'fail' ? 'Does not work' : 'Wrong'}: {sentenceOf(condition)}.
            </li>
          ))}
        </ul>
      )}
      {isDown && longest && <p>{late}</p>}
    </div>
  );
};
