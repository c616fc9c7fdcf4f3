import type { CommandContext, JobAnswer } from '../../commands/answers';
import type { JobCommands, ScheduleRequest } from '../../commands/job-commands';
import type { Crowding } from '../crowding';
import { answerOf } from '../job-answers';
import { scheduleRequestOf } from '../job-request';
import { LIMITS, type LocationRules } from '../limits';
import type { PendingQuota } from '../pending-quota';
import { commandContext } from '../preconditions';
import { bodyRefusal } from '../problem';
import type { Route } from '../route';
import { scheduleBody } from '../schemas/job-requests';
import { validator } from '../schemas/validation';
import { commandedJob, idempotencyKeyHeader, JOB_ROLES } from './described';

export type ScheduleDeps = {
  readonly commands: JobCommands;
  readonly quota: PendingQuota | undefined;
  readonly rules: LocationRules;
  readonly crowding: Crowding;
};

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

export const scheduleRoute = ({ commands, quota, rules, crowding }: ScheduleDeps): Route => ({
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
    const answer = await scheduleWithin(
      { commands, quota },
      call.principal.id,
      request.value,
      context.value,
    );
    return answer ? answerOf(answer, 201, { isNew: true, crowding }) : { code: 'quota-exceeded' };
  },
});
