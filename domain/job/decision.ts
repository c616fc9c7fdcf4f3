import type { Decision } from '../decider';
import type { JobRejection } from './commands';
import type { JobEvent } from './events';

export type JobDecision = Decision<JobEvent, JobRejection>;
