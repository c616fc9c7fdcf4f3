import { Notice } from '../frame/notice';
import type { StoryStep } from '../http/answers';
import { isProblem } from '../http/problem';
import { Details } from '../job/details';
import { useStory } from '../job/use-job';
import { Status } from '../jobs/status';
import { exactClockTime, fullMoment } from '../time/format';
import { useZone } from '../time/zone';
import { instantOf, useAsOf } from './as-of';
import { DifferencePanel } from './difference-panel';
import { PastFrame } from './past-frame';
import { Slider } from './slider';
import { usePastJob, usePastStory } from './use-past';

/** `JobAttemptFailed`: `attempt failed` */
const nameOfType = (type: string): string =>
  type
    .replace(/^Job/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();

/** Which step the moment comes after; -1: before the first. */
const stepAt = (steps: readonly StoryStep[], asOf: string): number => {
  const at = instantOf(asOf);
  if (at !== undefined) return steps.findLastIndex(({ time }) => Date.parse(time) <= at);
  if (!/^\d+$/.test(asOf)) return -1;
  return steps.findLastIndex(({ position }) => BigInt(position) <= BigInt(asOf));
};

const NotYet = () => (
  <div className="empty">
    <h2>It was not scheduled yet</h2>
    <p>Go to its first step, or to a later moment.</p>
  </div>
);

type PastJobProps = { readonly jobId: string; readonly asOf: string };

/** A job as it stood then, from step to step, and what differs from another moment. */
export const PastJob = ({ jobId, asOf }: PastJobProps) => {
  const { zone } = useZone();
  const { goTo } = useAsOf();
  const job = usePastJob(jobId, asOf);
  const story = usePastStory(jobId, asOf);
  const all = useStory(jobId);
  const steps = all.data?.steps ?? [];
  const index = stepAt(steps, asOf);
  const then = instantOf(asOf) ?? (steps[index] && Date.parse(steps[index].time));
  const nameOf = ({ time, type }: StoryStep): string =>
    `${exactClockTime(Date.parse(time), zone)}, ${nameOfType(type)}`;
  const textAt = (stop: number): string => {
    const step = steps[stop];
    return step
      ? `Step ${stop + 1} of ${steps.length}: ${nameOf(step)}`
      : 'before it was scheduled';
  };
  const [moment = ''] = then === undefined ? [] : fullMoment(then, zone).split('\n');
  const isUnknown = isProblem(job.error, 'job-not-found');

  return (
    <PastFrame
      title={then === undefined ? 'As it stood' : `As it stood on ${moment}`}
      control={
        <div className="past-control">
          <Slider
            label="As it stood after a step"
            last={steps.length - 1}
            at={Math.max(0, index)}
            text={textAt(index)}
            textAt={textAt}
            onPick={(stop) => goTo(steps[stop]?.position ?? asOf)}
          />
          {index < 0 && steps[0] && (
            <button
              type="button"
              className="button button-plain"
              onClick={() => goTo(steps[0]?.position ?? asOf)}
            >
              To its first step
            </button>
          )}
        </div>
      }
      isReading={job.isFetching || story.isFetching}
      then={then}
    >
      {isUnknown && <NotYet />}
      {job.error && !isUnknown && <Notice error={job.error} onRetry={() => void job.refetch()} />}
      {job.data && !job.error && (
        <>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{job.data.name}</h1>
              <Status status={job.data.status} />
            </div>
          </div>
          <Details job={job.data} story={story.data} storyError={story.error} hasEvents={false}>
            <DifferencePanel job={job.data} steps={steps} nameOf={nameOf} />
          </Details>
        </>
      )}
    </PastFrame>
  );
};
