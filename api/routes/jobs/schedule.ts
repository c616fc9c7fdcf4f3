import type { CommandContext, JobAnswer } from '../../../commands/answers';
import type { JobCommands, ScheduleRequest } from '../../../commands/job-commands';
import type { Crowding } from './crowding';
import { answerOf } from './answers';
import { scheduleRequestOf } from './request';
import { LIMITS, type LocationRules } from '../../access/limits';
import type { PendingQuota } from '../../access/pending-quota';
import { commandContext } from '../../http/preconditions';
import { bodyRefusal, type Refusal } from '../../http/problem';
import { mayUse, type QueuesOf } from '../../access/queue-access';
import type { Route } from '../../http/route';
import { scheduleBody } from '../../schemas/job-requests';
import { validator } from '../../schemas/validation';
import { commandedJob, idempotencyKeyHeader, JOB_ROLES } from '../described';

export type ScheduleDeps = {
  readonly commands: JobCommands;
  readonly quota: PendingQuota | undefined;
  readonly rules: LocationRules;
  readonly crowding: Crowding;
  readonly queuesOf: QueuesOf;
};

/** The refusal of a queue that is not the owner's; undefined for one that is. `at` is where the job stands in the body. */
export const forbiddenQueue = (
  { queuesOf }: Pick<ScheduleDeps, 'queuesOf'>,
  ownerId: string,
  { definition }: ScheduleRequest,
  at = '',
): Refusal | undefined =>
  mayUse(queuesOf, ownerId, definition.queue)
    ? undefined
    : { code: 'queue-forbidden', errors: [{ pointer: `${at}/queue`, code: 'queue-forbidden' }] };

/** Undefined when the owner's quota is full; a request that was answered before is answered all the same. */
export const scheduleWithin = async (
  { commands, quota }: Pick<ScheduleDeps, 'commands' | 'quota'>,
  ownerId: string,
  request: ScheduleRequest,
  context: CommandContext,
): Promise<JobAnswer | undefined> =>
  quota && !(await quota.take(ownerId))
    ? await commands.scheduledBefore(context)
    : await commands.schedule(request, context);

const check = validator(scheduleBody);

export const scheduleRoute = ({
  commands,
  quota,
  rules,
  crowding,
  queuesOf,
}: ScheduleDeps): Route => ({
  method: 'POST',
  path: '/v1/jobs',
  operationId: 'scheduleJob',
  summary: 'Schedule a job',
  roles: JOB_ROLES,
  produces: 'application/json',
  parameters: [],
  requestHeaders: [idempotencyKeyHeader],
  body: {
    schema: scheduleBody,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 1 }, maxLevels: LIMITS.nestingLevels },
  },
  answers: [commandedJob(201, 'The job is in the log: nothing loses it.')],
  handle: async (call) => {
    const context = commandContext(call, call.path, { isNew: true });
    if ('refusal' in context) return context.refusal;
    const body = check(call.body);
    const request = 'errors' in body ? body : scheduleRequestOf(body.value, rules);
    if ('errors' in request) return bodyRefusal(request.errors);
    const forbidden = forbiddenQueue({ queuesOf }, call.principal.id, request.value);
    if (forbidden) return forbidden;
    const answer = await scheduleWithin(
      { commands, quota },
      call.principal.id,
      request.value,
      context.value,
    );
    return answer ? answerOf(answer, 201, { isNew: true, crowding }) : { code: 'quota-exceeded' };
  },
});
