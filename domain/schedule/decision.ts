import type { Decision } from '../decider';
import type { ScheduleRejection } from './commands';
import type { ScheduleEvent } from './events';

export type ScheduleDecision = Decision<ScheduleEvent, ScheduleRejection>;
