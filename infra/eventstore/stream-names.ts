import { SEAL_STREAM } from '../../domain/seal/seal';
import {
  isStreamMetadata,
  jobIdOf,
  JOB_STREAM_PREFIX,
  metadataStream,
  operationIdOf,
  scheduleIdOf,
  streamOfMetadata,
  webhookIdOf,
} from '../../domain/ids';
import { SHARES_STREAM } from '../../domain/shares/events';

/** What a system's streams are called in the event store, which others may use as well. */
export type StreamNames = {
  /** A stream of ours, or the beginning of its name, as the event store has it. */
  readonly stored: (stream: string) => string;
  /** A stream of the event store as we know it; undefined for one that is another system's. */
  readonly own: (stored: string) => string | undefined;
};

/** Streams that later builds add begin so: the builds of today leave those of other systems alone already. */
const OWN_NAMES = 'punctual-';
const isOwnName = (stream: string): boolean =>
  jobIdOf(stream) !== undefined ||
  scheduleIdOf(stream) !== undefined ||
  operationIdOf(stream) !== undefined ||
  webhookIdOf(stream) !== undefined ||
  stream === SEAL_STREAM ||
  stream === SHARES_STREAM ||
  stream.startsWith(OWN_NAMES);

/** Without a prefix all is ours but what has the form of another system's: other programs' events are sealed too. */
const isOfPrefixedSystem = (stored: string): boolean => {
  const [, stream] = /^[a-z][a-z0-9]{0,31}\.(.+)$/.exec(stored) ?? [];
  return stream !== undefined && isOwnName(stream);
};

const alone: StreamNames = {
  stored: (stream) => stream,
  own: (stored) => {
    if (stored.startsWith(JOB_STREAM_PREFIX)) return stored; // nearly all: no more to look at
    const stream = isStreamMetadata(stored) ? streamOfMetadata(stored) : stored;
    return isOfPrefixedSystem(stream) ? undefined : stored;
  },
};

/**
 * Metadata keeps the `$$` in front that makes it metadata for the server.
 *
 * @param prefix  keeps the names apart from those of another system; absent for the only one
 */
export const streamNames = (prefix: string | undefined): StreamNames => {
  if (prefix === undefined) return alone;
  const before = `${prefix}.`;
  const beforeMetadata = metadataStream(before);
  return {
    stored: (stream) =>
      isStreamMetadata(stream)
        ? `${beforeMetadata}${streamOfMetadata(stream)}`
        : `${before}${stream}`,
    own: (stored) => {
      if (stored.startsWith(before)) return stored.slice(before.length);
      return stored.startsWith(beforeMetadata)
        ? metadataStream(stored.slice(beforeMetadata.length))
        : undefined;
    },
  };
};
