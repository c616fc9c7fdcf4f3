import type { Job } from '../http/answers';
import { isFinished } from '../live/changes';
import { span } from '../time/format';
import { Moment } from '../time/moment';

type Step = { readonly name: string; readonly at: string | null; readonly status?: string };

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The steps of a job by their time; those to come last. */
const stepsOf = (job: Job): readonly Step[] => {
  const { scheduledAt, dueAt, dispatchedAt, startedAt, finishedAt, status } = job;
  const isOver = isFinished(status);
  const end: Step = { name: isOver ? capital(status) : 'Finished', at: finishedAt, status };
  const between: readonly Step[] = [
    { name: 'Dispatched', at: dispatchedAt },
    { name: 'Started', at: startedAt },
  ];
  const begin: Step = { name: 'Scheduled', at: scheduledAt };
  const due: Step = { name: 'Due', at: dueAt };
  const hasEndedBefore = finishedAt !== null && Date.parse(finishedAt) < Date.parse(dueAt);
  if (hasEndedBefore) return [begin, ...between.filter(({ at }) => at !== null), end];
  return [begin, due, ...(isOver ? between.filter(({ at }) => at !== null) : between), end];
};

const gapTo = (step: Step, before: Step | undefined): string | undefined => {
  if (!before || step.at === null || before.at === null) return undefined;
  const ms = Date.parse(step.at) - Date.parse(before.at);
  if (ms < 0) return undefined;
  return before.name === 'Scheduled' ? span(ms) : `+${span(ms)}`;
};

const colourOf = ({ name, at, status }: Step, now: number): string | undefined => {
  if (at === null || (name === 'Due' && Date.parse(at) > now)) return undefined;
  if (status === undefined) return name === 'Due' ? 'var(--accent)' : 'var(--st-succeeded)';
  const named = ['succeeded', 'failed'].includes(status) ? status : 'quiet';
  return `var(--st-${named})`;
};

/** From scheduled to finished, with the time between. */
export const Course = ({ job, now }: { readonly job: Job; readonly now: number }) => {
  const steps = stepsOf(job);
  return (
    <ol className="course">
      {steps.map((step, index) => {
        const next = steps[index + 1];
        const gap = next && gapTo(next, step);
        const colour = colourOf(step, now);
        return (
          <li
            key={step.name}
            className={step.at === null ? 'course-open' : undefined}
            style={colour === undefined ? undefined : ({ '--of': colour } as object)}
          >
            <b>{step.name}</b>
            {step.at === null ? (
              <span className="soft">not yet</span>
            ) : (
              <Moment at={step.at} isExact />
            )}
            {gap !== undefined && <span className="gap">{gap}</span>}
          </li>
        );
      })}
    </ol>
  );
};
