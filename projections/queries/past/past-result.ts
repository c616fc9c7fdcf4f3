import type { EventLog } from '../../../domain/event-log';
import { jobStream } from '../../../domain/ids';
import type { Json } from '../../../domain/job/definition';
import { jobEventTypes, kindOf } from '../../../domain/job/events';
import { decodeJobEvent } from '../../../domain/job/stored-event';

/** Types of the events that say what a job gave back. */
const withResults: ReadonlySet<string> = new Set(
  jobEventTypes.filter((type) => 'result' in kindOf(type).fields),
);

/** The result of a job that has succeeded, from its stream: the only one there is, for nothing follows it. */
export const resultOf = async (
  log: Pick<EventLog, 'read'>,
  jobId: string,
): Promise<Json | undefined> => {
  const events = await log.read(jobStream(jobId));
  const end = events.find(({ type }) => withResults.has(type));
  const fact = end && decodeJobEvent(end);
  return fact && 'result' in fact.data ? fact.data.result : undefined;
};
