import type { Actor } from '../events/metadata';
import type { JobFact } from '../job/events';
import type { JobStatus, KnownJob } from '../job/state';
import { heldBackReasons, type HeldBack } from '../shares/held-back';
import { fromTimestamp, type Instant } from '../time';
import { because, duration, quoted, sentence, utc, who, word } from './phrases';
import { dispatchableAt, HELD_BACK_OR_AWAY, type Standing } from './waiting';

type Told = JobFact & { readonly metadata: { readonly actor: Actor } };

export type Verdict = {
  /** Whether the newest attempt started: in time, a second late or more, not yet, or never. */
  readonly ran: 'on-time' | 'late' | 'not-yet' | 'no';
  readonly status: JobStatus;
  /** One or more sentences. */
  readonly why: string;
};

/** A start later than this is called late. */
const LATE_FROM_MS = 1_000;

/** What is known of the newest attempt, from the event that gave it its due time on. */
export type Course = {
  readonly given: Told;
  /** The job with its due time, before its dispatch. */
  readonly aim: Standing;
  readonly failedBefore: readonly Extract<Told, { type: 'JobAttemptFailed' }>[];
  readonly sends: readonly Instant[];
  readonly started?: Extract<Told, { type: 'JobStarted' }>;
  readonly last: Told;
};

const aimedBy = ({ given, failedBefore }: Course): readonly string[] => {
  const failure = failedBefore.at(-1);
  if (given.type === 'JobAttemptFailed' && failure) {
    const { attempt, cause, error } = failure.data;
    return [
      `attempt ${attempt} ended (${cause}) with ${word(error.code)}: ${quoted(error.message)}, and the policy gave it another one`,
    ];
  }
  if (given.type === 'JobRescheduled')
    return [
      `its due time is ${utc(Date.parse(given.data.dueAt))} since ${who(given.metadata.actor)} moved it from ${utc(Date.parse(given.data.previousDueAt))}${because(given.data.reason)}`,
    ];
  if (given.type === 'JobRedriven') return [`${who(given.metadata.actor)} redrove it`];
  return [];
};

const dispatchDelay = (
  { aim: { job, since }, sends }: Course,
  until: Instant,
): readonly string[] => {
  if (job.status === 'none') return [];
  const from = dispatchableAt({ job, since });
  const to = sends[0] ?? until;
  return to - from < LATE_FROM_MS
    ? []
    : [
        `nobody dispatched it between ${utc(from)} and ${utc(to)}, for ${duration(to - from)}: ${HELD_BACK_OR_AWAY}`,
      ];
};

const sendDelay = ({ sends }: Course): readonly string[] => {
  const again = sends.length - 1;
  return again < 1
    ? []
    : [
        `the message was sent again ${again === 1 ? 'once' : `${again} times`} because nobody had claimed it: it was lost or executors were missing`,
      ];
};

const claimDelay = ({ sends, started }: Course): readonly string[] => {
  const sent = sends.at(-1);
  if (!started || sent === undefined || started.at - sent < LATE_FROM_MS) return [];
  return [
    `executor ${word(started.data.executorId)} claimed it ${duration(started.at - sent)} after it was last sent`,
  ];
};

const delays = (course: Course, until: Instant): readonly string[] => [
  ...dispatchDelay(course, until),
  ...sendDelay(course),
  ...claimDelay(course),
];

/** How it stands now, or how it ended. */
const ending = (job: KnownJob, { last, started }: Course): string => {
  if (job.status === 'running' || !started || last.type === 'JobStarted') return 'it is running';
  const spent = duration(last.at - started.at);
  const error = job.error ? ` with ${word(job.error.code)}: ${quoted(job.error.message)}` : '';
  return job.status === 'failed'
    ? `it failed for good after ${spent}${error}`
    : `it ${job.status === 'aborted' ? 'was aborted' : job.status} after ${spent}`;
};

const startedVerdict = (job: KnownJob, course: Course, startedAt: Instant): Verdict => {
  const lateMs = Math.max(0, startedAt - job.dueAt);
  const isLate = lateMs >= LATE_FROM_MS;
  const head = isLate
    ? `attempt ${job.attempt} ran late, ${duration(lateMs)} after its due time ${utc(job.dueAt)}`
    : `attempt ${job.attempt} ran on time, due ${utc(job.dueAt)}`;
  const why = [head, ...aimedBy(course), ...delays(course, startedAt), ending(job, course)];
  return { ran: isLate ? 'late' : 'on-time', status: job.status, why: why.map(sentence).join(' ') };
};

const waitingWhy = (
  standing: Standing & { job: KnownJob },
  course: Course,
  until: Instant,
  heldBack: HeldBack | undefined,
) => {
  const { job, since } = standing;
  if (job.status === 'queued') {
    const wait = duration(until - since);
    return [
      `attempt ${job.attempt} has not started: it has waited ${wait} for an executor of queue ${word(job.definition.queue)}, since ${utc(since)}`,
      ...aimedBy(course),
      ...delays(course, until),
    ];
  }
  const from = dispatchableAt({ job, since });
  if (heldBack && until >= from)
    return [
      `attempt ${job.attempt} has not run: it is due since ${utc(job.dueAt)} and waits for its turn in queue ${word(job.definition.queue)}`,
      `${heldBackReasons[heldBack.reason]}, since ${utc(fromTimestamp(heldBack.since))}`,
      ...aimedBy(course),
    ];
  const head =
    until < from
      ? `attempt ${job.attempt} has not run: it waits for its due time ${utc(job.dueAt)}, in ${duration(from - until)}`
      : `attempt ${job.attempt} has not run: it is due since ${utc(job.dueAt)} and waits for the dispatcher`;
  return [head, ...aimedBy(course), ...delays(course, until)];
};

const endedWhy = (job: KnownJob, course: Course): readonly string[] => {
  const { last } = course;
  if (last.type === 'JobCancelled') {
    const side = last.at <= job.dueAt ? 'before' : 'after';
    return [
      `it did not run: ${who(last.metadata.actor)} cancelled it at ${utc(last.at)}, ${duration(Math.abs(last.at - job.dueAt))} ${side} its due time and before its start${because(last.data.reason)}`,
      ...(side === 'after' ? delays(course, last.at) : []),
    ];
  }
  const most = duration(job.definition.maxLatenessMs ?? 0);
  return [
    `it did not run: at ${utc(last.at)} it was ${duration(last.at - job.dueAt)} late, and it may be no later than ${most}`,
    ...delays(course, last.at),
  ];
};

/**
 * Why the job ran, did not run, or ran late.
 *
 * @param until     the time that the story is told at: for how long a job has been waiting
 * @param heldBack  what a due job waits for at that time, where somebody knows; the log does not
 */
export const verdictOf = (
  standing: Standing & { readonly job: KnownJob },
  course: Course,
  until: Instant,
  heldBack?: HeldBack,
): Verdict => {
  const { job } = standing;
  if (course.started) return startedVerdict(job, course, course.started.at);
  if (job.status === 'scheduled' || job.status === 'queued')
    return {
      ran: 'not-yet',
      status: job.status,
      why: waitingWhy(standing, course, until, heldBack).map(sentence).join(' '),
    };
  return { ran: 'no', status: job.status, why: endedWhy(job, course).map(sentence).join(' ') };
};
