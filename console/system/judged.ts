import type { Queue } from '../http/answers';
import { HELD_BACK } from '../jobs/standing';
import { clockTime, span } from '../time/format';
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

export type Judged = {
  readonly grade: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** Since when and why jobs are late; undefined when none is. */
  readonly late: string | undefined;
  /** What is looked at and not well, a sentence each. */
  readonly wrong: readonly string[];
};

/** Whether the system is on time. @param queues  undefined when they cannot be read */
export const judged = (
  readiness: Readiness,
  queues: readonly Queue[] | undefined,
  now: number,
  zone: string,
): Judged => {
  const wrong = readiness.conditions.filter(({ status }) => status !== 'ok');
  const isDown = readiness.status !== 'ready';
  const [longest, ...others] = lateQueues(queues ?? []);
  const waitMs = longest?.oldestWaitMs ?? 0;
  const late =
    longest &&
    `Late since ${clockTime(now - waitMs, zone)}: a job of queue “${longest.queue}” waits for ${span(waitMs)}, for ${whyOf(longest)}${others.length > 0 ? `; jobs of ${others.length} more wait too` : ''}.`;
  const onTime = queues
    ? 'On time: no job that is due waits for more than a second.'
    : 'Whether jobs are late is not known: the queues cannot be read.';
  const isWell = queues && !late && wrong.length === 0;
  return {
    grade: isDown ? 'fail' : isWell ? 'ok' : 'warn',
    text: isDown ? 'Jobs do not run as they should.' : (late ?? onTime),
    late,
    wrong: wrong.map(
      (condition) =>
        `${condition.status === 'fail' ? 'Does not work' : 'Wrong'}: ${sentenceOf(condition)}.`,
    ),
  };
};
