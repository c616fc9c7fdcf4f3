import type { RecordedEvent } from '../../domain/event-log';
import { isKeyMark } from '../../domain/events/key-mark';
import { isTombstone, jobIdOf } from '../../domain/ids';
import { changeFold, type JobChange, type Since } from './job-change';
import { placedFact } from './placed-fact';

/**
 * @param since  as for `changeFold`
 * @throws Error for an event that cannot be read
 */
export const jobChanges = (
  events: readonly RecordedEvent[],
  since?: Since,
): readonly JobChange[] => {
  const fold = changeFold(since);
  for (const event of events) {
    const jobId = jobIdOf(event.stream);
    if (isKeyMark(event.type) || isTombstone(event.type)) continue;
    if (jobId === undefined) throw new Error(`${event.stream} is no stream of a job`);
    fold.add(jobId, placedFact(event));
  }
  return fold.changes();
};
