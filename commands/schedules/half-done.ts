import { AppendOutcomeUnknown, EventLogRefused, EventLogUnavailable } from '../../domain/event-log';
import type { ScheduleEvent } from '../../domain/schedule/events';
import type { Decided } from '../decide-and-append';
import type { ScheduleAnswer } from './schedule-answers';

const saysNo = <Loaded>({
  outcome,
  ...done
}: Decided<Loaded, ScheduleEvent, ScheduleAnswer>): boolean =>
  outcome === 'contended' ||
  (outcome === 'rejected' && 'rejection' in done && done.rejection.outcome !== 'accepted');

/**
 * Decides an order that changes a job before its schedule says so. Once the job is changed, neither a refusal nor an
 * outage means that nothing was done; the same request again makes it whole, or says what became of it.
 *
 * @param work  calls `onJobChanged` when the log has what was asked of the job
 * @throws AppendOutcomeUnknown where the job is changed and the schedule does not say so
 */
export const unlessHalfDone = async <Loaded>(
  scheduleId: string,
  work: (onJobChanged: () => void) => Promise<Decided<Loaded, ScheduleEvent, ScheduleAnswer>>,
): Promise<Decided<Loaded, ScheduleEvent, ScheduleAnswer>> => {
  const job = { isChanged: false };
  const halfDone = (cause?: unknown) =>
    new AppendOutcomeUnknown(`schedule ${scheduleId} does not say yet what was changed of a run`, {
      cause,
    });
  try {
    const done = await work(() => (job.isChanged = true));
    if (job.isChanged && saysNo(done)) throw halfDone();
    return done;
  } catch (error) {
    const meansNothingDone =
      error instanceof EventLogUnavailable || error instanceof EventLogRefused;
    throw job.isChanged && meansNothingDone ? halfDone(error) : error;
  }
};
