import type { StorageReader } from '../store/storage';
import type { RecordedEvent } from './events';
import { gate } from './gate';
import { nextPageSize, readAhead } from './read';
import type { MemoryTail } from './tail';

const tailPage = 500;
const firstPage = 32;

export type Batch = {
  readonly events: readonly RecordedEvent[];
  /** True when the log had nothing more at the time. */
  readonly caughtUp: boolean;
  /** True when memory did not reach back to where the follower is. */
  readonly fromStorage: boolean;
};

export type FollowDeps = {
  readonly reader: StorageReader;
  readonly tail: MemoryTail;
  readonly nowMs: () => number;
};

export type Batches = AsyncGenerator<Batch, void, undefined>;

/**
 * The log after `after` (a sequence), then live, each event once, in order, until the signal aborts. Old
 * events come from storage, new ones from memory; who is slow falls back to storage and costs no memory.
 */
export async function* followAll(
  { reader, tail }: Pick<FollowDeps, 'reader' | 'tail'>,
  after: number,
  signal: AbortSignal,
): Batches {
  const changed = gate();
  const unlisten = tail.listen(changed.open);
  signal.addEventListener('abort', changed.open, { once: true });
  try {
    let done = after;
    let size = firstPage;
    let ahead: Promise<readonly RecordedEvent[]> | undefined;
    while (!signal.aborted) {
      const end = tail.lastSequence();
      const isBehind = done < end;
      if (isBehind) {
        const recent = tail.read(done + 1, tailPage);
        // memory and storage continue each other: both are cut at the published end
        const limit = Math.min(size, end - done);
        const page = recent ?? (await (ahead ?? reader.readAll(done + 1, 'forwards', limit)));
        ahead = undefined;
        const last = page.at(-1);
        if (!last) throw new Error(`the log has no event after ${done}, its end is ${end}`);
        done = last.sequence;
        if (!recent) {
          size = nextPageSize(size);
          const next = [done + 1, 'forwards', Math.min(size, end - done)] as const;
          if (done < end) ahead = readAhead(() => reader.readAll(...next));
        }
        const caughtUp = done >= tail.lastSequence();
        yield { events: page, caughtUp, fromStorage: !recent };
      } else {
        yield { events: [], caughtUp: true, fromStorage: false };
        await changed.wait();
      }
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', changed.open);
  }
}
