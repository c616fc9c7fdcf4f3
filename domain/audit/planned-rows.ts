import { exactInstant } from '../events/fields';
import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import type { AuditedScheduleEvent } from '../schedule/events';
import type { Instant } from '../time';
import { addedDigest, digestOf } from './digest';
import type { PlannedJobs } from './planned-jobs';

/** A row of the occurrences of a schedule, as far as moves leave it as it was. */
export const occurrenceDigest = (occurrenceAt: Instant, jobId: string): number =>
  digestOf(`${occurrenceAt} ${jobId}`);

const rowsOf = (
  event: AuditedScheduleEvent,
): readonly { readonly occurrenceAt: Instant; readonly jobId: string }[] => {
  switch (event.type) {
    case 'OccurrencePlanned':
    case 'OccurrenceMoved':
      return [{ jobId: event.data.jobId, occurrenceAt: exactInstant(event.data.occurrenceAt) }];
    case 'ScheduleTriggered':
      return [{ jobId: event.data.jobId, occurrenceAt: exactInstant(event.data.dueAt) }];
    case 'OccurrencesBackfilled':
      return event.data.occurrences.map(({ jobId, occurrenceAt }) => ({
        jobId,
        occurrenceAt: exactInstant(occurrenceAt),
      }));
    default:
      return [];
  }
};

/** Takes the rows of occurrences that an event makes into the trace's count and sum. */
export const countPlanned = (
  isJobOf: PlannedJobs['isJobOf'],
  stream: string,
  schedule: ScheduleTrace,
  event: AuditedScheduleEvent,
): void => {
  if (event.type === 'ScheduleCreated') schedule.planned = schedule.plannedDigest = 0;
  const isMove =
    event.type === 'OccurrenceMoved' && isJobOf(stream, event.data.occurrenceAt, event.data.jobId);
  if (isMove) return; // its row is there
  for (const { occurrenceAt, jobId } of rowsOf(event)) {
    schedule.planned += 1;
    schedule.plannedDigest = addedDigest(
      schedule.plannedDigest,
      occurrenceDigest(occurrenceAt, jobId),
    );
  }
};
