import { exactInstant } from '../events/fields';
import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import type { AuditedScheduleEvent } from '../schedule/events';
import { comeUntil } from '../schedule/state';
import type { PlannedJobs } from './planned-jobs';
import {
  endBreaches,
  rangeBreaches,
  singleBreaches,
  undecidedBreaches,
  type Breach,
  type Standing,
} from './rule-sum';

/** What is wrong with an event by the sum of its schedule's rule: all that has come is planned or skipped, in order and once. */
export const sumBreaches = (
  isJobOf: PlannedJobs['isJobOf'],
  stream: string,
  event: AuditedScheduleEvent,
  schedule: Readonly<ScheduleTrace>,
  standing: Standing,
): readonly Breach[] => {
  const isLiving = schedule.status === 'active' || schedule.status === 'paused';
  const undecided = (): readonly Breach[] =>
    isLiving ? undecidedBreaches(standing, event.type, comeUntil(schedule, event.at)) : [];
  switch (event.type) {
    case 'OccurrencePlanned': {
      const at = exactInstant(event.data.occurrenceAt);
      return rangeBreaches(standing, event.type, { first: at, last: at, count: 1 });
    }
    case 'OccurrencesSkipped': {
      const [first, last] = [exactInstant(event.data.from), exactInstant(event.data.to)];
      return rangeBreaches(standing, event.type, { first, last, count: event.data.count });
    }
    case 'OccurrenceMoved': {
      const { occurrenceAt, jobId } = event.data;
      if (isJobOf(stream, occurrenceAt, jobId)) return [];
      return singleBreaches(standing, event.type, exactInstant(occurrenceAt));
    }
    case 'OccurrenceCancelled': {
      const { occurrenceAt, jobId } = event.data;
      if (jobId !== undefined) return [];
      return singleBreaches(standing, event.type, exactInstant(occurrenceAt));
    }
    case 'ScheduleCompleted':
      return endBreaches(standing);
    case 'ScheduleChanged':
      return event.data.withdraws === 'unstarted' ? undecided() : [];
    case 'ScheduleResumed':
    case 'ScheduleDeleted':
      return undecided();
    default:
      return [];
  }
};
