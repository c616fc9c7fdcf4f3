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

export const SHARD_COUNT = 256;

/** The slot of a job, 0 to 255: dispatchers lease slots. The last byte of a UUIDv7 or v5 is evenly spread. */
export const shardOf = (jobId: string): number => Number.parseInt(jobId.slice(-2), 16);

/** What a queue may be called: a NATS subject token. */
export const isQueueName = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);
