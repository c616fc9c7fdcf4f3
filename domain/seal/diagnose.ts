import { placeOf, type EventPlace } from '../audit/violation';
import { MARK_BYTES, type Mark } from './block-index';
import type { SealedEvent } from './event-bytes';

export type Tampering = 'changed' | 'removed' | 'added' | 'reordered';

export type Found = {
  readonly kind: Tampering;
  readonly position: bigint;
  readonly message: string;
  readonly events: readonly EventPlace[];
};

export type FoundEvent = SealedEvent & { readonly leaf: Uint8Array };

type Difference = {
  readonly position: bigint;
  readonly sealed?: Mark;
  readonly found?: FoundEvent;
};

/** Beyond so many differences nobody asks any more which event moved where. */
const MOST_COMPARED = 500;

const isMarkOf = (mark: Mark, leaf: Uint8Array): boolean => {
  for (let i = 0; i < MARK_BYTES; i += 1) if (mark.leaf[i] !== leaf[i]) return false;
  return true;
};

const byPosition = (a: Difference, b: Difference): number => (a.position < b.position ? -1 : 1);

const differences = (
  marks: readonly Mark[],
  events: readonly FoundEvent[],
): readonly Difference[] => {
  const found = new Map(events.map((event) => [event.position, event]));
  const sealed = new Set(marks.map(({ position }) => position));
  const gone = marks.flatMap((mark): readonly Difference[] => {
    const event = found.get(mark.position);
    if (!event) return [{ position: mark.position, sealed: mark }];
    if (isMarkOf(mark, event.leaf)) return [];
    return [{ position: mark.position, sealed: mark, found: event }];
  });
  const added = events
    .filter(({ position }) => !sealed.has(position))
    .map((event): Difference => ({ position: event.position, found: event }));
  return [...gone, ...added].sort(byPosition);
};

const nameOf = ({ stream, revision, type }: SealedEvent): string => `${type} ${stream}@${revision}`;

/** Pairs a sealed place with the event that once stood there and now stands elsewhere. */
const movesAmong = (
  all: readonly Difference[],
  leafOf: (event: SealedEvent) => Uint8Array,
): ReadonlyMap<bigint, FoundEvent> => {
  const few = all.slice(0, MOST_COMPARED);
  const moves = new Map<bigint, FoundEvent>();
  for (const { sealed } of few)
    for (const { found } of sealed ? few : [])
      if (
        sealed &&
        found &&
        found.position !== sealed.position &&
        isMarkOf(sealed, leafOf({ ...found, position: sealed.position }))
      )
        moves.set(sealed.position, found);
  return moves;
};

const neighbours = (
  position: bigint,
  events: readonly FoundEvent[],
): readonly (FoundEvent | undefined)[] => [
  events.findLast((event) => event.position < position),
  events.find((event) => event.position > position),
];

const removed = (position: bigint, events: readonly FoundEvent[]): Found => {
  const [before, after] = neighbours(position, events);
  const between = [
    ...(before ? [`after ${nameOf(before)}`] : []),
    ...(after ? [`before ${nameOf(after)}`] : []),
  ].join(' and ');
  return {
    kind: 'removed',
    position,
    message: `the event at position ${position} was removed${between && `; it stood ${between}`}`,
    events: [before, after].flatMap((event) => (event ? [placeOf(event)] : [])),
  };
};

const foundOf = (
  { position, sealed, found }: Difference,
  moves: ReadonlyMap<bigint, FoundEvent>,
  events: readonly FoundEvent[],
): Found => {
  const moved = moves.get(position);
  const cameFrom = found && [...moves].find(([, event]) => event === found)?.[0];
  if (moved || cameFrom !== undefined) {
    const [event, sealedAt] = moved ? [moved, position] : [found, cameFrom];
    const name = event ? nameOf(event) : 'an event';
    const message = `${name} was sealed at position ${sealedAt} and stands at ${event?.position}: reordered`;
    return { kind: 'reordered', position, message, events: event ? [placeOf(event)] : [] };
  }
  if (!found) return removed(position, events);
  const kind = sealed ? 'changed' : 'added';
  const message = `${nameOf(found)} at position ${position} was ${kind} after the seal`;
  return { kind, position, message, events: [placeOf(found)] };
};

/**
 * Tells how the events of a block differ from what was sealed.
 *
 * @returns the first difference in the order of the log, how many there are, and whether events are missing and no
 *          more; undefined when none can be named
 */
export const diagnose = (
  marks: readonly Mark[],
  events: readonly FoundEvent[],
  leafOf: (event: SealedEvent) => Uint8Array,
): { readonly first: Found; readonly count: number; readonly areRemovals: boolean } | undefined => {
  const all = differences(marks, events);
  const [first] = all;
  const moves = movesAmong(all, leafOf);
  return (
    first && {
      first: foundOf(first, moves, events),
      count: all.length,
      areRemovals: all.every(({ found, position }) => !found && !moves.has(position)),
    }
  );
};
