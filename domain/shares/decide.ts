import { accept, type Decider } from '../decider';
import type { SharesEvent } from './events';
import { isSameShares, noShares, type Shares } from './shares';

export type SetShares = { readonly type: 'SetShares'; readonly shares: Shares };

/** `unreadable`: the newest event is none that can be read; only another document mends it. */
export type SharesState = { readonly shares: Shares | 'unreadable' };

/** The document is replaced whole; an equal one writes nothing. */
export const sharesDecider: Decider<
  SharesState,
  SetShares,
  SharesEvent,
  SharesEvent | undefined,
  never
> = {
  initial: { shares: noShares },
  decide: ({ shares }, state) =>
    state.shares !== 'unreadable' && isSameShares(state.shares, shares)
      ? accept()
      : accept({ type: 'SharesSet', data: { shares } }),
  evolve: (_state, event) => ({ shares: event?.data.shares ?? 'unreadable' }),
};
