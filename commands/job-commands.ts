import type { JobCommand } from '../domain/job/commands';
import type { JobDefinition } from '../domain/job/definition';
import type { Instant } from '../domain/time';
import type { CommandContext, JobAnswer } from './answers';
import { commandIdOf } from './append-request';
import { keyedJobId } from './key-mark';
import { answeredBefore, handle, type HandleDeps } from './handle';

export type ScheduleRequest = {
  /** Without the owner: that is whoever asks. */
  readonly definition: Omit<JobDefinition, 'ownerId'>;
  readonly dueAt: Instant;
};

type Change = (
  jobId: string,
  reason: string | undefined,
  context: CommandContext,
) => Promise<JobAnswer>;

/** What a user may ask of a job. Every call may throw EventLogUnavailable or AppendOutcomeUnknown. */
export type JobCommands = {
  readonly schedule: (request: ScheduleRequest, context: CommandContext) => Promise<JobAnswer>;
  /** The answer to an earlier schedule with the same key; undefined without a key or such an answer. */
  readonly scheduledBefore: (context: CommandContext) => Promise<JobAnswer | undefined>;
  readonly reschedule: (
    jobId: string,
    dueAt: Instant,
    reason: string | undefined,
    context: CommandContext,
  ) => Promise<JobAnswer>;
  readonly cancel: Change;
  readonly runNow: Change;
  readonly abort: Change;
  readonly redrive: (jobId: string, context: CommandContext) => Promise<JobAnswer>;
};

const reasonOf = (reason: string | undefined): { readonly reason?: string } =>
  reason === undefined ? {} : { reason };

export const jobCommands = (deps: HandleDeps): JobCommands => {
  const { ids } = deps;

  const change = (
    jobId: string,
    context: CommandContext,
    command: (at: Instant) => JobCommand,
  ): Promise<JobAnswer> =>
    handle(deps, {
      jobId,
      command,
      context,
      commandId: commandIdOf(ids, jobId, context),
      callId: ids.next(),
      isSchedule: false,
    });

  const changeBy =
    (type: 'CancelJob' | 'RunJobNow' | 'AbortJob'): Change =>
    (jobId, reason, context) =>
      change(jobId, context, (at) => ({ type, at, ...reasonOf(reason) }));

  const newJob = (context: CommandContext) => {
    const { actor, idempotency } = context;
    return {
      jobId: idempotency ? keyedJobId(ids, actor.id, idempotency.key) : ids.next(),
      commandId: commandIdOf(ids, 'jobs', context),
      context,
      isSchedule: true,
    };
  };

  return {
    schedule: ({ definition, dueAt }, context) => {
      const order = {
        ...newJob(context),
        command: (at: Instant): JobCommand => ({
          type: 'ScheduleJob',
          at,
          definition: { ...definition, ownerId: context.actor.id },
          dueAt,
        }),
        callId: ids.next(),
      };
      return handle(deps, order);
    },
    scheduledBefore: async (context) =>
      context.idempotency && (await answeredBefore(deps, newJob(context))),
    reschedule: (jobId, dueAt, reason, context) =>
      change(jobId, context, (at) => ({ type: 'RescheduleJob', at, dueAt, ...reasonOf(reason) })),
    cancel: changeBy('CancelJob'),
    runNow: changeBy('RunJobNow'),
    abort: changeBy('AbortJob'),
    redrive: (jobId, context) => change(jobId, context, (at) => ({ type: 'RedriveJob', at })),
  };
};
