import type { CommandContext, JobAnswer } from '../../../commands/answers';
import type { JobCommands, ScheduleRequest } from '../../../commands/job-commands';
import type { Crowding } from './crowding';
import { answerOf } from './answers';
import { scheduleRequestOf } from './request';
import { LIMITS, type LocationRules, type QueuesOf } from '../../access/limits';
import type { OwnerQuota } from '../../access/owner-quota';
import { commandContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { scheduleBody } from '../../schemas/job-requests';
import { validator } from '../../schemas/validation';
import { commandedJob, idempotencyKeyHeader, JOB_ROLES } from '../described';

export type ScheduleDeps = {
  readonly commands: JobCommands;
  readonly quota: OwnerQuota | undefined;
  readonly rules: LocationRules;
  readonly crowding: Crowding;
  readonly queuesOf: QueuesOf;
};

/** The refusal of a queue that is not the owner's; undefined for one that is. `at` is where the job stands in the body. */
export const forbiddenQueue = (
  { queuesOf }: Pick<ScheduleDeps, 'queuesOf'>,
  ownerId: string,
  queue: string,
  at = '',
): Refusal | undefined => {
  const queues = queuesOf(ownerId);
  return queues === 'any' || queues.includes(queue)
    ? undefined
    : { code: 'queue-forbidden', errors: [{ pointer: `${at}/queue`, code: 'queue-forbidden' }] };
};

/** Undefined when the owner's quota is full; a request that was answered before is answered all the same. */
export const scheduleWithin = async (
  { commands, quota }: Pick<ScheduleDeps, 'commands' | 'quota'>,
  { principal, inTime }: Call,
  request: ScheduleRequest,
  context: CommandContext,
): Promise<JobAnswer | undefined> =>
  quota && !(await quota.take(principal.id))
    ? await inTime(() => commands.scheduledBefore(context), 'event-log-unavailable')
    : await inTime(() => commands.schedule(request, context));

const check = validator(scheduleBody);

export const scheduleRoute = (deps: ScheduleDeps): Route => ({
  method: 'POST',
  path: '/v1/jobs',
  operationId: 'scheduleJob',
  summary: 'Schedule a job',
  roles: JOB_ROLES,
  requestHeaders: [idempotencyKeyHeader],
  body: {
    schema: scheduleBody,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 1 }, maxLevels: LIMITS.nestingLevels },
  },
  answers: [commandedJob(201, 'The job is in the log: nothing loses it.')],
  late: 'outcome-unknown',
  handle: async (call) => {
    const context = commandContext(call, call.path, { isNew: true });
    if ('refusal' in context) return context.refusal;
    const body = check(call.body);
    const request = 'refusal' in body ? body : scheduleRequestOf(body.value, deps.rules);
    if ('refusal' in request) return request.refusal;
    const forbidden = forbiddenQueue(deps, call.principal.id, request.value.definition.queue);
    if (forbidden) return forbidden;
    const answer = await scheduleWithin(deps, call, request.value, context.value);
    if (!answer) return { code: 'quota-exceeded' };
    return answerOf(answer, 201, { isNew: true, crowding: deps.crowding.toldTo(call.principal) });
  },
});
