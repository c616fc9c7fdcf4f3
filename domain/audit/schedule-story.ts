import { scheduleKindOf, type ScheduleEventType, type ScheduleFact } from '../schedule/events';
import type { KnownSchedule, ScheduleStatus } from '../schedule/state';
import { quoted, sentence } from './phrases';
import { storyStep, storyText, type StoryStep, type ToldMetadata } from './story-step';

export type ScheduleStory = {
  readonly scheduleId: string;
  readonly status: ScheduleStatus;
  readonly steps: readonly StoryStep<ScheduleEventType>[];
  /** All of it for people. */
  readonly text: string;
};

type ToldFact = ScheduleFact & { readonly position: bigint; readonly metadata: ToldMetadata };

const headOf = (
  scheduleId: string,
  { definition: { name }, status, note }: KnownSchedule,
): string => {
  const why = note === undefined ? '' : ` (${quoted(note)})`;
  return `Schedule ${scheduleId}: ${sentence(`${quoted(name)} is ${status}${why}`)}`;
};

/**
 * What happened to a schedule, in sentences.
 *
 * @param schedule  as it stands
 * @param facts     a part of its stream, in order
 */
export const scheduleStoryOf = (
  scheduleId: string,
  schedule: KnownSchedule,
  facts: readonly ToldFact[],
): ScheduleStory => {
  const steps = facts.map((fact) =>
    storyStep(fact, scheduleKindOf(fact.type).tell(fact, schedule), {
      waitedFor: [],
      lateMs: null,
    }),
  );
  const { status } = schedule;
  return { scheduleId, status, steps, text: storyText(headOf(scheduleId, schedule), steps) };
};
