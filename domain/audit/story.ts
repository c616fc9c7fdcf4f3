import { kindOf, type JobEventType, type JobFact } from '../job/events';
import { evolve } from '../job/evolve';
import { initial, type KnownJob } from '../job/state';
import type { HeldBack } from '../shares/held-back';
import type { Instant } from '../time';
import { attemptsOf, type Attempt } from './attempts';
import { storyStep, storyText, type StoryStep, type ToldMetadata } from './story-step';
import { verdictOf, type Course, type Verdict } from './verdict';
import { waitsUntil, type Standing } from './waiting';

export type StoryFact = JobFact & { readonly position: bigint; readonly metadata: ToldMetadata };

type JobStep = StoryStep<JobEventType>;

export type Story = {
  readonly jobId: string;
  readonly verdict: Verdict;
  readonly steps: readonly JobStep[];
  readonly attempts: readonly Attempt[];
  /** All of it for people. */
  readonly text: string;
};

type Telling = {
  readonly standing: Standing;
  readonly course: Course | undefined;
  readonly steps: readonly JobStep[];
};

const knownIn = ({ job, since }: Standing): (Standing & { readonly job: KnownJob }) | undefined =>
  job.status === 'none' ? undefined : { job, since };

/** @param found  the job as the fact found it; as it made it, when it was the first */
const stepOf = (fact: StoryFact, found: Standing & { readonly job: KnownJob }): JobStep => {
  const { tell, attempt } = kindOf(fact.type);
  const isOnTheClock = attempt === 'sent' || attempt === 'started' || attempt === 'expired';
  return storyStep(fact, tell(fact, found), {
    waitedFor: waitsUntil(found, fact.at),
    lateMs: isOnTheClock ? Math.max(0, fact.at - found.job.dueAt) : null,
  });
};

const standingAfter = (fact: StoryFact, { job, since }: Standing): Standing => {
  const isAside = kindOf(fact.type).attempt === 'aside';
  return { job: evolve(job, fact), since: isAside ? since : fact.at };
};

const courseAfter = (
  fact: StoryFact,
  before: Course | undefined,
  after: Standing,
): Course | undefined => {
  const { attempt } = kindOf(fact.type);
  if (attempt === 'aside') return before;
  const failedBefore =
    fact.type === 'JobAttemptFailed'
      ? [...(before?.failedBefore ?? []), fact]
      : (before?.failedBefore ?? []);
  if (after.job.status === 'scheduled')
    return { given: fact, aim: after, failedBefore, sends: [], last: fact };
  if (!before) return undefined;
  return {
    ...before,
    failedBefore,
    last: fact,
    ...(attempt === 'sent' && { sends: [...before.sends, fact.at] }),
    ...(fact.type === 'JobStarted' && { started: fact }),
  };
};

const told = ({ standing, course, steps }: Telling, fact: StoryFact): Telling => {
  const after = standingAfter(fact, standing);
  const found = knownIn(standing) ?? knownIn(after);
  return {
    standing: after,
    course: courseAfter(fact, course, after),
    steps: found ? [...steps, stepOf(fact, found)] : steps,
  };
};

/**
 * The story of one job.
 *
 * @param facts     its stream from the first event on, at least one
 * @param until     the time that the story is told at
 * @param heldBack  what a due job waits for at that time, where somebody knows; the log does not
 * @throws Error for facts that no decision could have recorded: the stream is broken
 */
export const storyOf = (
  jobId: string,
  facts: readonly StoryFact[],
  until: Instant,
  heldBack?: HeldBack,
): Story => {
  const start: Telling = { standing: { job: initial, since: 0 }, course: undefined, steps: [] };
  const { standing, course, steps } = facts.reduce(told, start);
  const { job } = standing;
  if (job.status === 'none' || !course) throw new Error(`no events of job ${jobId} to tell`);
  const verdict = verdictOf({ ...standing, job }, course, until, heldBack);
  const text = storyText(`Job ${jobId}: ${job.status}. ${verdict.why}`, steps);
  return { jobId, verdict, steps, attempts: attemptsOf(facts), text };
};
