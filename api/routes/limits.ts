import { LIMITS, type ApiLimits, type QueuesOf } from '../access/limits';
import { roles } from '../access/principal';
import type { Route } from '../http/route';
import { limitsSchema } from '../schemas/job-answers';
import { answered } from './described';

/**
 * The limits as settings have them, so that nobody finds them by running into them.
 *
 * @param tzdata  version of the time zone data that schedules are computed with
 */
export const limitsRoute = (
  {
    requests,
    pendingJobs,
    schedulesPerOwner,
    openOperations,
    webhooksPerOwner,
    liveStreams,
    locationSchemes,
  }: ApiLimits,
  queuesOf: QueuesOf,
  tzdata: string,
): Route => ({
  method: 'GET',
  path: '/v1/limits',
  operationId: 'getLimits',
  summary: 'Read what requests may hold',
  roles,
  answers: answered('All limits.', limitsSchema),
  late: 'never',
  handle: ({ principal }) => {
    const queues = queuesOf(principal.id);
    const ofOwner = {
      requests,
      pendingJobs,
      schedulesPerOwner,
      openOperations,
      webhooksPerOwner,
      liveStreams,
      locationSchemes,
      queues,
    };
    return Promise.resolve({ status: 200, body: { ...LIMITS, ...ofOwner, tzdata } });
  },
});
