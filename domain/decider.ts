import type { Instant } from './time';

/** What a decider answers: facts to record (none when it is already so), or a named no. */
export type Decision<Event, Rejection> =
  | { readonly outcome: 'accepted'; readonly events: readonly Event[] }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection };

export type Accepted<Event> = Extract<Decision<Event, never>, { outcome: 'accepted' }>;
export type Rejected<Rejection> = Extract<Decision<never, Rejection>, { outcome: 'rejected' }>;

/** No event at all means "already so": the command repeats what the stream says. */
export const accept = <Event>(...events: readonly Event[]): Accepted<Event> => ({
  outcome: 'accepted',
  events,
});

export const reject = <Rejection>(rejection: Rejection): Rejected<Rejection> => ({
  outcome: 'rejected',
  rejection,
});

/** The three pure functions of a stream. `evolve` takes facts: events with the time and revision they were recorded at. */
export type Decider<State, Command, Event, Fact, Rejection> = {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => Decision<Event, Rejection>;
  readonly evolve: (state: State, fact: Fact) => State;
};

export const fold = <State, Fact>(
  evolve: (state: State, fact: Fact) => State,
  initial: State,
  facts: readonly Fact[],
): State => facts.reduce(evolve, initial);

/**
 * The state when events have been appended to it.
 *
 * @param at        the time that they were recorded with
 * @param revision  of the last of them
 */
export const foldAppended = <State, Event extends object>(
  evolve: (
    state: State,
    fact: Event & { readonly at: Instant; readonly revision: bigint },
  ) => State,
  before: State,
  { events, at, revision }: Appended<Event>,
): State => {
  const first = revision - BigInt(events.length) + 1n;
  return fold(
    evolve,
    before,
    events.map((event, index) => ({ ...event, at, revision: first + BigInt(index) })),
  );
};

type Appended<Event> = {
  readonly events: readonly Event[];
  readonly at: Instant;
  readonly revision: bigint;
};
