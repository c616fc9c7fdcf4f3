export type Ids = {
  /** A fresh UUIDv7. */
  readonly next: () => string;
  /** UUIDv5 of the parts in Punctual's namespace: the same parts, the same id. */
  readonly derive: (...parts: readonly string[]) => string;
};

/** Ids that we make or accept are UUIDs in lower case: nothing else ever becomes part of a stream name or a subject. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);

/** Whether it can be a job's id: we make them of time (version 7) or of what they stand for (version 5). */
export const isJobId = (text: string): boolean =>
  isUuid(text) && (text.charAt(14) === '7' || text.charAt(14) === '5');

/** Prefix of every job's stream; the first `-` ends the category. */
export const JOB_STREAM_PREFIX = 'job-';

const METADATA_PREFIX = '$$';

/** Whether it is the metadata of a stream that is none of the system's own, as EventStoreDB names it. */
export const isStreamMetadata = (stream: string): boolean =>
  stream.startsWith(METADATA_PREFIX) && stream.charAt(METADATA_PREFIX.length) !== '$';

export const metadataStream = (stream: string): string => `${METADATA_PREFIX}${stream}`;

export const streamOfMetadata = (metadata: string): string =>
  metadata.slice(METADATA_PREFIX.length);

/** What a server puts at the end of a stream that is deleted for good: no event of ours. */
export const isTombstone = (type: string): boolean => type === '$streamDeleted';

export const jobStream = (jobId: string): string => `${JOB_STREAM_PREFIX}${jobId}`;

/** The job of a stream name; undefined for any other stream, such as one of another program that is named `job-` too. */
export const jobIdOf = (stream: string): string | undefined => {
  const jobId = stream.slice(JOB_STREAM_PREFIX.length);
  return stream.startsWith(JOB_STREAM_PREFIX) && isJobId(jobId) ? jobId : undefined;
};

/** Prefix of every schedule's stream. */
export const SCHEDULE_STREAM_PREFIX = 'schedule-';

export const scheduleStream = (scheduleId: string): string =>
  `${SCHEDULE_STREAM_PREFIX}${scheduleId}`;

/** The schedule of a stream name; undefined for any other stream. Schedules have ids like those of jobs. */
export const scheduleIdOf = (stream: string): string | undefined => {
  const scheduleId = stream.slice(SCHEDULE_STREAM_PREFIX.length);
  return stream.startsWith(SCHEDULE_STREAM_PREFIX) && isJobId(scheduleId) ? scheduleId : undefined;
};

/** Prefix of every operation's stream. */
export const OPERATION_STREAM_PREFIX = 'operation-';

export const operationStream = (operationId: string): string =>
  `${OPERATION_STREAM_PREFIX}${operationId}`;

/** The operation of a stream name; undefined for any other stream. Operations have ids like those of jobs. */
export const operationIdOf = (stream: string): string | undefined => {
  const operationId = stream.slice(OPERATION_STREAM_PREFIX.length);
  return stream.startsWith(OPERATION_STREAM_PREFIX) && isJobId(operationId)
    ? operationId
    : undefined;
};

/** Prefix of every webhook's stream. */
export const WEBHOOK_STREAM_PREFIX = 'webhook-';

export const webhookStream = (webhookId: string): string => `${WEBHOOK_STREAM_PREFIX}${webhookId}`;

/** The webhook of a stream name; undefined for any other stream. Webhooks have ids like those of jobs. */
export const webhookIdOf = (stream: string): string | undefined => {
  const webhookId = stream.slice(WEBHOOK_STREAM_PREFIX.length);
  return stream.startsWith(WEBHOOK_STREAM_PREFIX) && isJobId(webhookId) ? webhookId : undefined;
};

/** The id in the name of a stream of ours: of a job, a schedule, an operation or a webhook; undefined for any other stream. */
export const ownIdOf = (stream: string): string | undefined =>
  jobIdOf(stream) ?? scheduleIdOf(stream) ?? operationIdOf(stream) ?? webhookIdOf(stream);

export const SHARD_COUNT = 256;

/** The shard of a job, 0 to 255: dispatchers lease shards. The last byte of a UUIDv7 or v5 is evenly spread. */
export const shardOf = (jobId: string): number => Number.parseInt(jobId.slice(-2), 16);

/** What a queue may be called: a NATS subject token. */
export const isQueueName = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);
