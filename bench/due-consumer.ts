import { AckPolicy, connect, nanos, type JsMsg } from 'nats';
import { JOBS_DUE } from '../infra/nats/topology';

/** A queue that nobody but the bench serves. */
export const BENCH_QUEUE = 'bench';

export type DueConsumer = {
  /** When JetStream stored the message of each job, in milliseconds of its wall clock, by job id. */
  readonly storedAt: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

const NANOS_PER_MS = 1e6;

/** Takes and acknowledges the messages of the bench's queue; runs nothing and claims nothing. */
export const dueConsumer = async (natsUrl: string): Promise<DueConsumer> => {
  const connection = await connect({ servers: natsUrl, noAsyncTraces: true });
  const manager = await connection.jetstreamManager();
  await manager.consumers.add(JOBS_DUE, {
    durable_name: 'bench',
    filter_subject: `jobs.due.${BENCH_QUEUE}.*`,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(30_000),
    max_ack_pending: 10_000,
  });
  const consumer = await connection.jetstream().consumers.get(JOBS_DUE, 'bench');
  const storedAt = new Map<string, number>();
  const messages = await consumer.consume({
    max_messages: 1_000,
    callback: (message: JsMsg) => {
      const jobId = message.subject.slice(message.subject.lastIndexOf('.') + 1);
      // a second message of a job would be a fault; the first one counts
      if (!storedAt.has(jobId)) storedAt.set(jobId, message.info.timestampNanos / NANOS_PER_MS);
      message.ack();
    },
  });
  return {
    storedAt,
    stop: async () => {
      await messages.close();
      await connection.close();
    },
  };
};
