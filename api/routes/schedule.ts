import type { JobCommands } from '../../commands/job-commands';
import { answerOf } from '../job-answers';
import { scheduleRequestOf } from '../job-request';
import { LIMITS } from '../limits';
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
  readonly allowPrivateTargets: boolean;
};

const check = validator(scheduleBody);

export const scheduleRoute = ({ commands, quota, allowPrivateTargets }: ScheduleDeps): Route => ({
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
    shape: { payloadLevel: 1, maxLevels: LIMITS.nestingLevels },
  },
  answers: [commandedJob(201, 'The job is in the log: nothing loses it.')],
  handle: async (call) => {
    const context = commandContext(call, call.path, { isNew: true });
    if ('refusal' in context) return context.refusal;
    const body = check(call.body);
    const request = 'errors' in body ? body : scheduleRequestOf(body.value, allowPrivateTargets);
    if ('errors' in request) return bodyRefusal(request.errors);
    if (quota && !(await quota.take(call.principal.id))) return { code: 'quota-exceeded' };
    return answerOf(await commands.schedule(request.value, context.value), 201, { isNew: true });
  },
});
