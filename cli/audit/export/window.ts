import type { SealedEvent } from '../../../domain/seal/event-bytes';
import type { Seal } from '../../../domain/seal/seal';

/** Both ends of a kind each: positions are inclusive, of times the first is inclusive and the second is not. */
export type WindowEnds = {
  readonly from: { readonly position: bigint } | { readonly ticks: bigint };
  readonly to: { readonly position: bigint } | { readonly ticks: bigint };
};

type Edge = Pick<SealedEvent, 'position' | 'createdTicks'>;

const isFrom = ({ from }: WindowEnds, { position, createdTicks }: Edge): boolean =>
  'position' in from ? position >= from.position : createdTicks >= from.ticks;

const isUpTo = ({ to }: WindowEnds, { position, createdTicks }: Edge): boolean =>
  'position' in to ? position <= to.position : createdTicks < to.ticks;

/** Numbers in the list of seals; the window lies in these blocks and has at least one. */
export type BlockRange = { readonly first: number; readonly last: number };

/** @returns undefined when nothing that is sealed reaches into the window */
export const blocksOf = (seals: readonly Seal[], ends: WindowEnds): BlockRange | undefined => {
  const first = seals.findIndex(({ to, createdTo }) =>
    isFrom(ends, { position: to, createdTicks: createdTo }),
  );
  const last = seals.findLastIndex(({ after, createdFrom }) =>
    isUpTo(ends, { position: after === 'start' ? 0n : after + 1n, createdTicks: createdFrom }),
  );
  return first < 0 ? undefined : { first, last: Math.max(first, last) };
};

/** A window within its blocks: the first and the last event of it by their places; empty when `end` is before `start`. */
export type Span = BlockRange & { readonly start: number; readonly end: number };

export const spanOf = (
  { first, last }: BlockRange,
  ends: WindowEnds,
  inFirst: readonly SealedEvent[],
  inLast: readonly SealedEvent[],
): Span => {
  const start = Math.max(
    0,
    inFirst.findIndex((event) => isFrom(ends, event)),
  );
  const end = inLast.findLastIndex((event) => isUpTo(ends, event));
  return { first, last, start, end: first === last ? Math.max(end, start - 1) : end };
};

export type Picked = {
  /** Place in the block. */
  readonly index: number;
  /** The event before and the one after the window show that nothing is missing at its ends. */
  readonly role: 'before' | 'window' | 'after';
};

type Place = { readonly block: number; readonly index: number };

const before = (seals: readonly Seal[], { first, start }: Span): Place =>
  start > 0
    ? { block: first, index: start - 1 }
    : { block: first - 1, index: (seals[first - 1]?.events ?? 0) - 1 };

const after = (seals: readonly Seal[], { last, end }: Span): Place =>
  end + 1 < (seals[last]?.events ?? 0)
    ? { block: last, index: end + 1 }
    : { block: last + 1, index: 0 };

/** What a file shows of the block with this number: its part of the window and the neighbours of the whole. */
export const picksOf = (seals: readonly Seal[], block: number, span: Span): readonly Picked[] => {
  const size = seals[block]?.events ?? 0;
  const start = block === span.first ? span.start : 0;
  const end = block === span.last ? span.end : size - 1;
  const isInside = block >= span.first && block <= span.last;
  const [left, right] = [before(seals, span), after(seals, span)];
  return [
    ...(left.block === block ? [{ index: left.index, role: 'before' as const }] : []),
    ...(isInside
      ? Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => ({
          index: start + i,
          role: 'window' as const,
        }))
      : []),
    ...(right.block === block ? [{ index: right.index, role: 'after' as const }] : []),
  ];
};
