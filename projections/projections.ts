import { jobsProjection } from './jobs/jobs-projection';
import { operationsProjection } from './operations/operations-projection';
import type { Projection } from './projection';
import { schedulesProjection } from './schedules/schedules-projection';
import { webhooksProjection } from './webhooks/webhooks-projection';
import { combined } from './writing/combined';

/** All that the log is projected into, a line for each. */
const projections: readonly Projection[] = [
  jobsProjection,
  schedulesProjection,
  operationsProjection,
  webhooksProjection,
];

/** Its checkpoint is called what it was called when there was one projection only. */
export const readModel = combined('jobs', projections);
