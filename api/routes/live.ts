import { Type } from '@sinclair/typebox';
import type { Route } from '../http/route';
import { statusChangeSchema } from '../schemas/job-answers';
import { answered, JOB_ROLES, parameter } from './described';

export const liveRoute = (handle: Route['handle']): Route => ({
  method: 'GET',
  path: '/v1/live',
  operationId: 'watchJobs',
  summary: "Watch one's jobs change, as server-sent events",
  roles: JOB_ROLES,
  produces: 'text/event-stream',
  parameters: [
    parameter(
      'changes',
      '`latest`: of each job the newest change alone, which replaces what a slow reader has not taken yet, so that he is never cut off. By default `all`.',
      Type.Union([Type.Literal('all'), Type.Literal('latest')]),
    ),
  ],
  requestHeaders: [
    parameter(
      'Last-Event-ID',
      'The id of the last event received: goes on after it, without gap or repeat.',
      Type.String({ pattern: '^(-1|[0-9]+)$' }),
    ),
  ],
  answers: answered(
    'Events named `status`, whose data is a status change; `reset`, when what was missed is no longer kept: read the lists again. A comment `lag` with a number, at the beginning and every 15 s, says by how many ms the read model was behind the log a moment ago.',
    statusChangeSchema,
    { mediaType: 'text/event-stream' },
  ),
  late: 'never',
  handle,
});
