import { framesOf, type Batch, type Told } from './batch';

/** What is to be written to one connection. */
export type Outbox = {
  /** Takes in what comes after what it took before, or again; writes what the line takes. */
  readonly tell: (batch: Batch) => void;
  /** Goes on with what waits, when the line takes more. */
  readonly flush: () => void;
  /** Up to here there is nothing more to tell. */
  readonly skipTo: (position: bigint) => void;
  /** Where to resume: all up to here was written, or is replaced by something newer that will be. */
  readonly written: () => bigint;
  /** Too much has come for a reader so slow: he will be told to read the lists. */
  readonly isLost: () => boolean;
};

export type Line = {
  readonly write: (text: string) => void;
  /** Whether more would only pile up. */
  readonly isFull: () => boolean;
};

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Every change as it comes: it is for the line to cut off who does not read. */
export const everyChange = ({ write }: Line, at: bigint): Outbox => {
  let written = at;
  return {
    tell: (batch) => {
      const { first, changes } = batch;
      const fresh = first > written ? changes : changes.filter((told) => told.position > written);
      const last = fresh.at(-1);
      if (!last) return;
      written = last.position;
      write(fresh === changes ? batch.text() : framesOf(fresh));
    },
    flush: () => undefined,
    skipTo: (position) => {
      written = later(written, position);
    },
    written: () => written,
    isLost: () => false,
  };
};

/** Jobs whose newest change may wait for a slow reader: some 3 MB. */
const MAX_WAITING = 10_000;
/** Frames to one write: some 130 KB. */
const AT_ONCE = 500;

const byPosition = (one: Told, other: Told): number => (one.position < other.position ? -1 : 1);

/**
 * The newest change of each job: what a reader has not taken yet is replaced by what comes after it, so that he is
 * never further behind than one change of each job, however slow he is.
 *
 * @param reset  what to write when more came than may wait, for a place to go on from
 */
export const latestChanges = (
  { write, isFull }: Line,
  at: bigint,
  reset: (at: bigint) => string,
): Outbox => {
  const waiting = new Map<string, Told>();
  let [written, heard] = [at, at];
  let isLost = false;

  const keep = (told: Told): void => {
    if (told.position <= written) return;
    heard = later(heard, told.position);
    const known = waiting.get(told.jobId);
    if (isLost || (known && known.position >= told.position)) return;
    waiting.set(told.jobId, told);
    if (waiting.size <= MAX_WAITING) return;
    isLost = true;
    waiting.clear();
  };

  const flush = (): void => {
    if (isFull()) return;
    if (isLost) {
      isLost = false;
      written = heard;
      write(reset(heard));
    }
    if (waiting.size === 0) return;
    const next = [...waiting.values()].sort(byPosition).slice(0, AT_ONCE);
    for (const { jobId } of next) waiting.delete(jobId);
    written = next.at(-1)?.position ?? written;
    write(framesOf(next));
  };

  return {
    tell: (batch) => {
      const latest = batch.latest();
      if (waiting.size === 0 && !isLost && !isFull() && latest.first > written) {
        written = heard = latest.changes.at(-1)?.position ?? written;
        write(latest.text());
        return;
      }
      for (const told of latest.changes) keep(told);
      flush();
    },
    flush,
    skipTo: (position) => {
      heard = later(heard, position);
      if (waiting.size === 0 && !isLost) written = heard;
    },
    written: () => written,
    isLost: () => isLost,
  };
};
