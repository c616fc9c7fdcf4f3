import type { WriteRequest } from './events';
import { isMetastream, originalStreamOf } from './stream-metadata';

/** More names are not kept in memory: then every stream is looked up. */
export const reservedCapacity = 20_000;
/** For so long after an assumption was wrong nothing is assumed, so that repeated appends cost a lookup only. */
const doubtMs = 1_000;

/**
 * Tells which appends may take their stream for new without looking it up. If the stream has events after all,
 * its first revision is taken and the commit is refused; so that only streams need be known that exist without
 * a first event: those with metadata, and those with a tombstone.
 */
export const newStreams = (nowMs: () => number) => {
  let reserved = new Set<string>();
  let isComplete = false;
  let doubtedUntilMs = 0;

  const reserve = (stream: string): void => {
    if (!isComplete) return;
    reserved.add(stream);
    if (reserved.size <= reservedCapacity) return;
    isComplete = false;
    reserved = new Set();
  };

  return {
    mayAssume: (request: WriteRequest): boolean =>
      isComplete &&
      request.kind === 'append' &&
      request.expected === 'no-stream' &&
      request.events.length > 0 &&
      !isMetastream(request.stream) &&
      !reserved.has(request.stream) &&
      nowMs() >= doubtedUntilMs,

    /** Begins with the streams that have metadata or a tombstone. */
    begin: (streams: readonly string[]): void => {
      reserved = new Set();
      isComplete = true;
      for (const stream of streams) reserve(stream);
    },

    tombstoned: reserve,

    /** Takes note of a stream that is written to. */
    written: (stream: string): void => {
      if (isMetastream(stream)) reserve(originalStreamOf(stream));
    },

    doubt: (): void => {
      doubtedUntilMs = nowMs() + doubtMs;
    },
  };
};

export type NewStreams = ReturnType<typeof newStreams>;
