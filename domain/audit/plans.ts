import { exactInstant } from '../events/fields';
import type { AuditedScheduleEvent } from '../schedule/events';
import type { OpenJob } from './open-jobs';

/** What an event of a schedule takes back of the jobs that have not started. */
export type Withdrawal = 'ahead' | 'unstarted' | 'all';

export const withdrawalOf = (event: AuditedScheduleEvent): Withdrawal | undefined => {
  switch (event.type) {
    case 'SchedulePaused':
      return 'unstarted';
    case 'ScheduleChanged':
      return event.data.withdraws;
    case 'ScheduleDeleted':
      return 'all';
    default:
      return undefined;
  }
};

type Plan = Pick<OpenJob, 'occurrenceAt' | 'isOfRule' | 'dueAt'> & { readonly jobId: string };

/** The jobs that an event of a schedule plans. */
export const plansOf = (event: AuditedScheduleEvent): readonly Plan[] => {
  switch (event.type) {
    case 'OccurrencePlanned':
    case 'OccurrenceMoved': {
      const { occurrenceAt, jobId } = event.data;
      return [{ jobId, occurrenceAt, isOfRule: true, dueAt: exactInstant(event.data.dueAt) }];
    }
    case 'ScheduleTriggered':
      return [
        {
          jobId: event.data.jobId,
          occurrenceAt: undefined,
          isOfRule: false,
          dueAt: exactInstant(event.data.dueAt),
        },
      ];
    case 'OccurrencesBackfilled':
      return event.data.occurrences.map(({ jobId, occurrenceAt }) => ({
        jobId,
        occurrenceAt,
        isOfRule: false,
        dueAt: exactInstant(event.data.dueAt),
      }));
    default:
      return [];
  }
};
