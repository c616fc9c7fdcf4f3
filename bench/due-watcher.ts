import { connect } from 'nats';
import { connectOptions } from '../infra/nats/access';
import { brokerNames } from './names';

export type DueWatcher = {
  /** When the first message of each job came by, by this machine's wall clock, by job id. */
  readonly sentAt: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

/**
 * Sees the messages of a queue on their way into the stream, which the broker hands to whoever listens. Takes none:
 * executors start the jobs as ever, for who has many unstarted ones is held back.
 */
export const dueWatcher = async (natsUrl: string, queue: string): Promise<DueWatcher> => {
  const connection = await connect({ ...connectOptions({ url: natsUrl }), noAsyncTraces: true });
  const sentAt = new Map<string, number>();
  connection.subscribe(brokerNames.dueFilter(queue), {
    callback: (_, { subject }) => {
      const jobId = subject.slice(subject.lastIndexOf('.') + 1);
      // a second message of a job would be a fault; the first one counts
      if (!sentAt.has(jobId)) sentAt.set(jobId, performance.timeOrigin + performance.now());
    },
  });
  await connection.flush();
  return { sentAt, stop: () => connection.close() };
};
