import {
  DiscardPolicy,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type NatsConnection,
  type StreamConfig,
} from 'nats';
import { unlessRenewed } from './reconnects';
import { ownedBy, ownerIn, StreamOfOtherSystem } from './stream-owner';

/** The stream of job messages that no executor has acknowledged yet. */
export const JOBS_DUE = 'JOBS_DUE';

/** Job ids and queue names are made of these, so that neither adds a token or a wildcard to a subject. */
const token = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws RangeError for a queue name or a job id that does not fit into a subject: a caller's bug */
export const dueSubject = (queue: string, jobId: string): string => {
  for (const part of [queue, jobId])
    if (!token.test(part)) throw new RangeError(`${JSON.stringify(part)} does not fit a subject`);
  return `jobs.due.${queue}.${jobId}`;
};

/** The durable consumer of a queue. */
export const consumerName = (queue: string): string => `queue-${queue}`;

export type DueStreamSettings = {
  /** The broker refuses more; dispatched jobs then wait in the log. */
  readonly maxBytes: number;
  /** How long the broker remembers message ids; 2 minutes unless told. */
  readonly duplicateWindowMs?: number;
  /** Whose stream it is: one of another system is refused, one of nobody is taken. Not looked at when absent. */
  readonly systemId?: string;
};

const DUPLICATE_WINDOW_MS = 120_000;
/** JetStream's code for a stream that is there with other settings. */
const OTHER_SETTINGS = 10_058;

/**
 * Makes sure that the stream JOBS_DUE is there as it should be; call it after every connect, for a whole
 * broker may come back empty. Settings that an earlier build made otherwise are changed.
 *
 * @returns when the stream was made: another text than last time means that its messages are gone
 * @throws StreamOfOtherSystem; Error when the broker is away, or has no room for `maxBytes`
 */
export const ensureDueStream = async (
  connection: NatsConnection,
  { maxBytes, duplicateWindowMs = DUPLICATE_WINDOW_MS, systemId }: DueStreamSettings,
): Promise<string> => {
  const manager = await connection.jetstreamManager({ checkAPI: false });
  const changeable = {
    subjects: ['jobs.due.*.*'],
    discard: DiscardPolicy.New,
    max_bytes: maxBytes,
    duplicate_window: nanos(duplicateWindowMs),
  } satisfies Partial<StreamConfig>;
  try {
    const { created } = await unlessRenewed(
      connection,
      manager.streams.add({
        ...changeable,
        name: JOBS_DUE,
        storage: StorageType.File,
        retention: RetentionPolicy.Workqueue,
        ...(systemId !== undefined && { description: ownedBy(systemId) }),
      }),
    );
    return created;
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== OTHER_SETTINGS) throw error;
    const { config } = await manager.streams.info(JOBS_DUE);
    const owner = ownerIn(config.description);
    if (systemId !== undefined && owner !== undefined && owner !== systemId)
      throw new StreamOfOtherSystem(JOBS_DUE, owner, systemId);
    const { created } = await manager.streams.update(JOBS_DUE, {
      ...changeable,
      ...(systemId !== undefined && { description: ownedBy(systemId, config.description) }),
    });
    return created;
  }
};
