import { alsoNeeded } from './admission';
import type { AppendOutcome, WriteRequest } from './events';
import type { Head, Heads } from './heads';
import type { NewStreams } from './new-streams';

export type Settle = (outcome: AppendOutcome) => void;

/** A request that waits for its group; the heads that it needs are in memory and stay there. */
export type Pending = {
  readonly request: WriteRequest;
  readonly settle: Settle;
  readonly pinned: readonly Head[];
  /** True when storage was asked and has none of its events. */
  readonly isNotStored: boolean;
  /** True when its stream was taken for new without a look; the commit tells. */
  readonly isAssumed: boolean;
};

export type QueueDeps = {
  readonly heads: Heads;
  readonly streams: NewStreams;
  /** Called when the queue has something to take. */
  readonly onReady: () => void;
};

export const unknown: AppendOutcome = { outcome: 'unknown' };

/** What a request is asked again with, once more is known. */
export type Again = {
  readonly also?: string;
  readonly isNotStored?: boolean;
  /** Nothing is assumed of its stream. */
  readonly isCertain?: boolean;
};

/** Requests in the order in which their heads became known. */
export const writeQueue = ({ heads, streams, onReady }: QueueDeps) => {
  let ready: Pending[] = [];
  let isOpen = false;

  const firstMissing = (stream: string, second?: string, third?: string): string | undefined => {
    if (!heads.get(stream)) return stream;
    if (second !== undefined && !heads.get(second)) return second;
    return third !== undefined && !heads.get(third) ? third : undefined;
  };

  const push = (request: WriteRequest, settle: Settle, again: Again = {}): void => {
    if (!isOpen) {
      settle(unknown);
      return;
    }
    const { stream } = request;
    const second = alsoNeeded(request);
    const missing = firstMissing(stream, second, again.also);
    const isAssumed =
      missing === stream &&
      !again.isCertain &&
      !heads.isWanted(stream) &&
      streams.mayAssume(request);
    if (isAssumed) heads.assumeNew(stream);
    else if (missing !== undefined) {
      heads.load(missing, (isLoaded) =>
        isLoaded ? push(request, settle, again) : settle(unknown),
      );
      return;
    }
    const pinned: Head[] = [];
    for (const needed of [stream, second, again.also]) {
      const head = needed === undefined ? undefined : heads.pin(needed);
      if (head) pinned.push(head);
    }
    ready.push({ request, settle, pinned, isNotStored: again.isNotStored ?? false, isAssumed });
    onReady();
  };

  return {
    push,
    isEmpty: (): boolean => ready.length === 0,
    ready: (): readonly Pending[] => ready,
    /** Removes the oldest ones. */
    drop: (count: number): void => {
      ready = ready.slice(count);
    },
    open: (): void => {
      isOpen = true;
    },
    /** Answers all that wait as unknown, and so all that come until it is opened again. */
    close: (): void => {
      isOpen = false;
      const waiting = ready;
      ready = [];
      heads.clear();
      for (const { settle } of waiting) settle(unknown);
    },
  };
};

export type WriteQueue = ReturnType<typeof writeQueue>;
