import type { ScheduleEvent } from '../../domain/schedule/events';
import type { KnownSchedule, Planned } from '../../domain/schedule/state';
import type { Instant } from '../../domain/time';
import type { HandleDeps } from '../handle';
import { makeJob, withdrawJob, type PlannedJob } from './schedule-jobs';

/** How long a request works on jobs of its own, and on how many at once. */
const WORKING_MS = 1_000;
const AT_ONCE = 16;

export const plannedJob = (
  scheduleId: string,
  { definition }: KnownSchedule,
  { jobId, occurrenceAt, dueAt }: Planned,
): PlannedJob => ({ scheduleId, definition, jobId, occurrenceAt, dueAt });

type TakenBack = { readonly jobs: readonly PlannedJob[]; readonly because: string };

/** What an event takes back: all that have not started, or only those that are not due yet. */
const takesBack = (event: ScheduleEvent): readonly ['unstarted' | 'ahead', string] | undefined => {
  switch (event.type) {
    case 'ScheduleChanged':
      return [event.data.withdraws, 'its schedule was changed'];
    case 'SchedulePaused':
      return ['unstarted', 'its schedule was paused'];
    case 'ScheduleDeleted':
      return ['unstarted', 'its schedule was deleted'];
    default:
      return undefined;
  }
};

/** The jobs of a schedule that events after it take back, as far as it knows them: those that come next, soonest first. */
export const takenBackBy = (
  scheduleId: string,
  schedule: KnownSchedule,
  events: readonly ScheduleEvent[],
  at: Instant,
): TakenBack | undefined => {
  const taken = events.map(takesBack).find((one) => one !== undefined);
  if (!taken) return undefined;
  const [what, because] = taken;
  const jobs = schedule.ahead
    .filter(({ dueAt }) => what === 'unstarted' || dueAt > at)
    .toSorted((a, b) => a.dueAt - b.dueAt)
    .map((planned) => plannedJob(scheduleId, schedule, planned));
  return { jobs, because };
};

/**
 * Does immediately what the events of a request want of jobs, so that nobody waits for the planner, and nothing starts
 * meanwhile that was taken back. What is not done here in time, or fails, the planner does: the events are recorded.
 */
export const jobsNowOf = (deps: HandleDeps) => {
  const each = async (
    jobs: readonly PlannedJob[],
    work: (job: PlannedJob) => Promise<unknown>,
  ): Promise<void> => {
    const until = deps.clock.now() + WORKING_MS;
    for (let from = 0; from < jobs.length && deps.clock.now() < until; from += AT_ONCE) {
      const done = await Promise.allSettled(jobs.slice(from, from + AT_ONCE).map(work));
      // one that cannot be read holds up no other; a log that is away answers for none
      if (done.every(({ status }) => status === 'rejected')) return;
    }
  };
  return {
    make: (jobs: readonly PlannedJob[]) => each(jobs, (job) => makeJob(deps, job)),
    takeBack: ({ jobs, because }: TakenBack) =>
      each(jobs, (job) => withdrawJob(deps, job, because)),
  };
};
