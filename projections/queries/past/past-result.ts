import type { EventLog } from '../../../domain/event-log';
import { decodeJobEvent } from '../../../domain/job/stored-event';
import { jobStream } from '../../../domain/ids';
import type { Json } from '../../../domain/job/definition';

/** The result of a job that has succeeded, from its stream: the only one there is, for nothing follows it. */
export const resultOf = async (
  log: Pick<EventLog, 'read'>,
  jobId: string,
): Promise<Json | undefined> => {
  const events = await log.read(jobStream(jobId));
  const end = events.find(({ type }) => type === 'JobSucceeded');
  const fact = end && decodeJobEvent(end);
  return fact?.type === 'JobSucceeded' ? fact.data.result : undefined;
};
