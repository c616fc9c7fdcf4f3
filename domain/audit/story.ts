import type { Actor, EventMetadata } from '../events/metadata';
import type { JobFact } from '../job/events';
import { initial, type KnownJob } from '../job/state';
import { evolve } from '../job/evolve';
import type { HeldBack } from '../shares/held-back';
import { toTimestamp, type Instant, type Timestamp } from '../time';
import { duration, sentence, utc } from './phrases';
import { stepText } from './step-sentence';
import { verdictOf, type Course, type Verdict } from './verdict';
import { waitsUntil, type Standing, type Wait } from './waiting';

export type StoryFact = JobFact & {
  readonly position: bigint;
  readonly metadata: Pick<EventMetadata, 'actor' | 'commandId' | '$causationId'>;
};

export type StoryStep = {
  readonly time: Timestamp;
  readonly type: JobFact['type'];
  readonly sentence: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly causationId: string;
  readonly revision: number;
  /** A string, for JSON has no bigint. */
  readonly position: string;
  /** What it had waited for since the step before. */
  readonly waitedFor: readonly Wait[];
  /** How long after the due time a dispatch, a start or an expiry came; null for all other steps. */
  readonly lateMs: number | null;
};

export type Story = {
  readonly jobId: string;
  readonly verdict: Verdict;
  readonly steps: readonly StoryStep[];
  /** All of it for people. */
  readonly text: string;
};

type Telling = {
  readonly standing: Standing;
  readonly course: Course | undefined;
  readonly steps: readonly StoryStep[];
};

const ON_THE_CLOCK: ReadonlySet<JobFact['type']> = new Set<JobFact['type']>([
  'JobDispatched',
  'JobRedispatched',
  'JobStarted',
  'JobExpired',
]);

const lateMsOf = (fact: StoryFact, { job }: Standing): number | null =>
  job.status !== 'none' && ON_THE_CLOCK.has(fact.type) ? Math.max(0, fact.at - job.dueAt) : null;

const stepOf = (fact: StoryFact, before: Standing): StoryStep => ({
  time: toTimestamp(fact.at),
  type: fact.type,
  sentence: sentence(stepText(fact, before)),
  actor: fact.metadata.actor,
  commandId: fact.metadata.commandId,
  causationId: fact.metadata.$causationId,
  revision: Number(fact.revision),
  position: String(fact.position),
  waitedFor: waitsUntil(before, fact.at),
  lateMs: lateMsOf(fact, before),
});

const standingAfter = (fact: StoryFact, { job, since }: Standing): Standing => {
  const isAside = fact.type === 'JobAbortRequested'; // it runs on, since when it started
  return { job: evolve(job, fact), since: isAside ? since : fact.at };
};

const courseAfter = (
  fact: StoryFact,
  before: Course | undefined,
  after: Standing,
): Course | undefined => {
  const failedBefore =
    fact.type === 'JobAttemptFailed'
      ? [...(before?.failedBefore ?? []), fact]
      : (before?.failedBefore ?? []);
  if (after.job.status === 'scheduled')
    return { given: fact, aim: after, failedBefore, sends: [], last: fact };
  if (!before) return undefined;
  const isSend = fact.type === 'JobDispatched' || fact.type === 'JobRedispatched';
  return {
    ...before,
    failedBefore,
    last: fact,
    ...(isSend && { sends: [...before.sends, fact.at] }),
    ...(fact.type === 'JobStarted' && { started: fact }),
  };
};

const told = ({ standing, course, steps }: Telling, fact: StoryFact): Telling => {
  const after = standingAfter(fact, standing);
  return {
    standing: after,
    course: courseAfter(fact, course, after),
    steps: [...steps, stepOf(fact, standing)],
  };
};

const waitText = ({ for: what, ms }: Wait): string => `${duration(ms)} for ${what}`;

const stepLine = ({ time, sentence: said, waitedFor }: StoryStep): string => {
  const waits = waitedFor.length === 0 ? '' : ` (waited ${waitedFor.map(waitText).join(', ')})`;
  return `${utc(Date.parse(time))}  ${said}${waits}`;
};

const textOf = (jobId: string, job: KnownJob, { why }: Verdict, steps: readonly StoryStep[]) =>
  [`Job ${jobId}: ${job.status}. ${why}`, '', ...steps.map(stepLine)].join('\n');

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
  return { jobId, verdict, steps, text: textOf(jobId, job, verdict, steps) };
};
