import { StreamContended } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { jobStream } from '../../domain/ids';
import { job as jobDecider } from '../../domain/job/decide';
import type { JobDefinition } from '../../domain/job/definition';
import type { JobEvent } from '../../domain/job/events';
import type { ScheduleDefinition } from '../../domain/schedule/definition';
import { toTimestamp, type Instant } from '../../domain/time';
import type { HandleDeps } from '../handle';
import { expectedRevision, loadJob } from '../job-stream';
import { newEvents } from '../new-events';

/** A job as its schedule plans it. */
export type PlannedJob = {
  readonly scheduleId: string;
  readonly definition: ScheduleDefinition;
  readonly jobId: string;
  /** Absent for a run that was triggered. */
  readonly occurrenceAt?: Instant | undefined;
  readonly dueAt: Instant;
  readonly maxLatenessMs?: number | undefined;
};

const planner: Actor = { kind: 'system', id: 'planner' };

/** The stricter of what the user allows and what the rule for missed runs leaves. */
const latenessOf = ({ definition, maxLatenessMs }: PlannedJob): { maxLatenessMs?: number } => {
  const limits = [definition.job.maxLatenessMs, maxLatenessMs].filter((ms) => ms !== undefined);
  return limits.length === 0 ? {} : { maxLatenessMs: Math.min(...limits) };
};

const jobDefinition = (planned: PlannedJob): JobDefinition => {
  const { scheduleId, definition, occurrenceAt } = planned;
  const { maxLatenessMs: _limit, ...job } = definition.job;
  return {
    ...job,
    ...latenessOf(planned),
    ownerId: definition.ownerId,
    name: definition.name,
    scheduleId,
    ...(occurrenceAt !== undefined && { occurrenceAt: toTimestamp(occurrenceAt) }),
  };
};

const scheduled = (planned: PlannedJob, at: Instant): readonly JobEvent[] => {
  const decision = jobDecider.decide(
    { type: 'ScheduleJob', at, definition: jobDefinition(planned), dueAt: planned.dueAt },
    jobDecider.initial,
  );
  if (decision.outcome === 'rejected') throw new Error(`a new job is ${decision.rejection.code}`);
  return decision.events;
};

const append = (
  { log, ids, clock }: HandleDeps,
  { jobId, scheduleId }: Pick<PlannedJob, 'jobId' | 'scheduleId'>,
  events: readonly JobEvent[],
  seed: string,
  expected: bigint | 'no-stream',
) => {
  const commandId = ids.derive(jobId, seed);
  const metadata = {
    $correlationId: jobId,
    $causationId: `schedule-${scheduleId}`,
    commandId,
    actor: planner,
    at: toTimestamp(clock.now()),
  };
  return log.append(
    jobStream(jobId),
    newEvents(ids, events, `${commandId}/${expected}`, metadata),
    expected,
  );
};

/**
 * Makes the job of an occurrence, once: whoever comes second finds it there.
 *
 * @throws EventLogUnavailable, AppendOutcomeUnknown
 */
export const makeJob = async (deps: HandleDeps, planned: PlannedJob): Promise<'made' | 'there'> => {
  const events = scheduled(planned, deps.clock.now());
  const { outcome } = await append(deps, planned, events, 'planned', 'no-stream');
  return outcome === 'appended' ? 'made' : 'there';
};

/** Lost races in a row after which to give up: a job has few writers. */
const MAX_ROUNDS = 10;

/**
 * Takes back the job of an occurrence unless it has started. One that nobody made yet is made and cancelled, so that
 * nobody makes it later.
 *
 * @returns whether it will not run, or runs all the same
 * @throws EventLogUnavailable, AppendOutcomeUnknown, JobUnreadable
 */
export const withdrawJob = async (
  deps: HandleDeps,
  planned: PlannedJob | { readonly jobId: string; readonly scheduleId: string },
  reason: string,
): Promise<'withdrawn' | 'left'> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { state } = await loadJob(deps.log, planned.jobId);
    const at = deps.clock.now();
    const made = state.status === 'none' && 'definition' in planned ? scheduled(planned, at) : [];
    const job = made.reduce(
      (folded, event, index) =>
        jobDecider.evolve(folded, { ...event, at, revision: BigInt(index) }),
      state,
    );
    const decision = jobDecider.decide({ type: 'CancelJob', at, reason }, job);
    if (decision.outcome === 'rejected') return 'left';
    const events = [...made, ...decision.events];
    if (events.length === 0) return 'withdrawn';
    const expected = expectedRevision(state);
    const { outcome } = await append(deps, planned, events, 'withdrawn', expected);
    if (outcome === 'appended') return 'withdrawn';
  }
  throw new StreamContended(`${planned.jobId}: lost ${MAX_ROUNDS} races in a row; try again`);
};
