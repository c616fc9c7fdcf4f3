import { LIMITS, type ApiLimits } from '../limits';
import { roles } from '../principal';
import type { Route } from '../route';
import { limitsSchema } from '../schemas/job-answers';

/** The limits as settings have them, so that nobody finds them by running into them. */
export const limitsRoute = ({
  requests,
  pendingJobs,
  liveStreams,
  locationSchemes,
}: ApiLimits): Route => ({
  method: 'GET',
  path: '/v1/limits',
  operationId: 'getLimits',
  summary: 'Read what requests may hold',
  roles,
  produces: 'application/json',
  parameters: [],
  answers: [{ status: 200, description: 'All limits.', schema: limitsSchema }],
  handle: () =>
    Promise.resolve({
      status: 200,
      body: { ...LIMITS, requests, pendingJobs, liveStreams, locationSchemes },
    }),
});
