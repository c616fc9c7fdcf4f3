import type { Decision } from '../domain/decider';
import type { Instant, Clock } from '../domain/time';
import type { AppendOutcome } from '../domain/event-log';

/** How a command is decided on the stream of its aggregate. */
export type Deciding<Loaded, Event, No> = {
  /** What the stream says; `round` counts from 0, and each one after the first follows a lost race. */
  readonly load: (round: number) => Promise<Loaded>;
  readonly decide: (at: Instant, loaded: Loaded) => Decision<Event, No>;
  /** At the revision that was loaded. What refuses them here refuses the command. */
  readonly append: (
    events: readonly Event[],
    loaded: Loaded,
    at: Instant,
  ) => Promise<AppendOutcome | { readonly outcome: 'rejected'; readonly rejection: No }>;
  /** Lost races in a row after which to give up. */
  readonly maxRounds: number;
};

export type Decided<Loaded, Event, No> =
  | { readonly outcome: 'rejected'; readonly rejection: No; readonly loaded: Loaded }
  /** It was so already: nothing was recorded. */
  | { readonly outcome: 'unchanged'; readonly loaded: Loaded; readonly at: Instant }
  | (Extract<AppendOutcome, { outcome: 'appended' }> & {
      /** What the decision was made on. */
      readonly loaded: Loaded;
      readonly at: Instant;
      readonly events: readonly Event[];
    })
  /** Too many writers at once on one stream; nothing was recorded. */
  | { readonly outcome: 'contended' };

/** Load, decide, append at the revision that was seen; after a lost race decide again on fresh state. */
export const decideAndAppend = async <Loaded, Event, No>(
  { clock }: { readonly clock: Clock },
  { load, decide, append, maxRounds }: Deciding<Loaded, Event, No>,
): Promise<Decided<Loaded, Event, No>> => {
  for (let round = 0; round < maxRounds; round++) {
    const loaded = await load(round);
    const at = clock.now();
    const decision = decide(at, loaded);
    if (decision.outcome === 'rejected') return { ...decision, loaded };
    const { events } = decision;
    if (events.length === 0) return { outcome: 'unchanged', loaded, at };
    const appended = await append(events, loaded, at);
    if (appended.outcome === 'rejected') return { ...appended, loaded };
    if (appended.outcome === 'appended') return { ...appended, loaded, at, events };
  }
  return { outcome: 'contended' };
};
