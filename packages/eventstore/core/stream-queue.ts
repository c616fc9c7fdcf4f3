import { memoryBytes, type RecordedEvent } from './events';
import { gate } from './gate';
import type { MemoryTail } from './tail';

/** A subscription that is behind by more reads storage again. */
const queueEvents = 512;
const queueBytes = 1024 * 1024;

/**
 * The new events of one stream on their way to one subscription. Costs nothing for the events of other streams;
 * what a slow subscription does not take in time is let go, and nothing more is queued until `arm`.
 */
export const streamQueue = (tail: MemoryTail, stream: string) => {
  const changed = gate();
  let queue: RecordedEvent[] = [];
  let bytes = 0;
  let unlisten: (() => void) | undefined;

  const disarm = (): void => {
    unlisten?.();
    unlisten = undefined;
    queue = [];
    bytes = 0;
  };

  const letGo = (): void => {
    disarm();
    changed.open();
  };

  const onEvent = (event: RecordedEvent): void => {
    queue.push(event);
    bytes += memoryBytes(event);
    if (queue.length > queueEvents || bytes > queueBytes) letGo();
    else if (queue.length === 1) changed.open();
  };

  return {
    /** Queues from now on; what is older than the sequence it gives (or that one) is to be had from storage. */
    arm: (): number => {
      unlisten ??= tail.listenToStream(stream, { onEvent, onGap: letGo });
      return tail.lastSequence();
    },

    /** All that is queued; undefined when some was let go since `arm`. */
    take: (): readonly RecordedEvent[] | undefined => {
      if (!unlisten) return undefined;
      const taken = queue;
      queue = [];
      bytes = 0;
      return taken;
    },

    /** Resolves when there is something to take, or after `wake`. */
    wait: changed.wait,
    wake: changed.open,
    close: disarm,
  };
};
