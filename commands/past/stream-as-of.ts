import { factsAsOf, type AsOf } from '../../domain/audit/as-of';
import { EventTooNew } from '../../domain/events/upcast';
import type { Instant } from '../../domain/time';

/** What cannot be read, and whose it is as far as that is known. */
type Unreadable = new (
  id: string,
  ownerId: string | undefined,
  cause: unknown,
) => Error & { readonly ownerId: string | undefined };

type PlacedFact = { readonly at: Instant; readonly position: bigint; readonly revision: bigint };

/** One stream, and how it is folded. */
export type PastStream<State, Fact extends PlacedFact, Known> = {
  readonly id: string;
  readonly Unreadable: Unreadable;
  /** A part of it, whose events may be many. */
  readonly read: (
    ownerId: string | undefined,
    from: bigint,
    limit: number,
  ) => Promise<readonly Fact[]>;
  /** Events of one read. */
  readonly partEvents: number;
  readonly initial: State;
  readonly evolve: (state: State, fact: Fact) => State;
  /** Undefined where it does not exist yet. */
  readonly knownIn: (state: State) => Known | undefined;
  readonly ownerIn: (known: Known) => string;
  /** Whose it is, where its stream does not say so (any more); undefined where nobody knows it. */
  readonly ownerOf: () => Promise<string | undefined>;
  readonly isForeign: (ownerId: string | undefined) => boolean;
};

export type Past<Known> =
  | {
      readonly outcome: 'found';
      readonly known: Known;
      /** The time that was asked for; of a place in the log, that of the last event before it. */
      readonly at: Instant;
    }
  /** Unknown, not yet created, or not theirs who ask. */
  | { readonly outcome: 'none' }
  /** Its stream is too long to be folded in the time that a request has. */
  | { readonly outcome: 'too-long' };

/** @throws Unreadable where an administrator has taken its first events out of the log, or all of them */
const unlessGone = async (
  {
    id,
    Unreadable,
    ownerOf,
  }: Pick<PastStream<never, never, never>, 'id' | 'Unreadable' | 'ownerOf'>,
  [first]: readonly PlacedFact[],
): Promise<void> => {
  if (first?.revision === 0n) return;
  const ownerId = await ownerOf();
  if (first)
    throw new Unreadable(id, ownerId, new Error(`it begins at revision ${first.revision}`));
  if (ownerId !== undefined) throw new Unreadable(id, ownerId, new Error('its stream was deleted'));
};

/**
 * A stream as it stood then, folded from its first event, a part at a time.
 *
 * @param signal  ends it: then it is `too-long`
 * @throws EventLogUnavailable, EventTooNew, Unreadable
 */
export const streamAsOf = async <State, Fact extends PlacedFact, Known>(
  stream: PastStream<State, Fact, Known>,
  asOf: AsOf,
  signal: AbortSignal,
): Promise<Past<Known>> => {
  const { id, Unreadable, partEvents, evolve, knownIn, ownerOf, isForeign } = stream;
  const ownerIn = (state: State): string | undefined => {
    const known = knownIn(state);
    return known && stream.ownerIn(known);
  };
  const folded = (before: State, facts: readonly Fact[]): State => {
    try {
      return facts.reduce(evolve, before);
    } catch (cause) {
      if (cause instanceof EventTooNew) throw cause;
      throw new Unreadable(id, ownerIn(before), cause);
    }
  };
  let state = stream.initial;
  let at = asOf.kind === 'time' ? asOf.at : Number.NaN;
  for (let from = 0n; ; from += BigInt(partEvents)) {
    if (signal.aborted) return { outcome: 'too-long' };
    let past: readonly Fact[];
    try {
      const facts = await stream.read(ownerIn(state), from, partEvents);
      if (from === 0n) await unlessGone(stream, facts);
      past = factsAsOf(facts, asOf);
      state = folded(state, past);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (isForeign(error.ownerId ?? (await ownerOf()))) return { outcome: 'none' };
      throw error;
    }
    if (asOf.kind === 'position') at = past.at(-1)?.at ?? at;
    if (past.length < partEvents) break;
  }
  const known = knownIn(state);
  return known === undefined || isForeign(stream.ownerIn(known))
    ? { outcome: 'none' }
    : { outcome: 'found', known, at };
};
