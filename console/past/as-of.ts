import { useSearchParams } from 'react-router';
import { serverNow } from '../time/clock';

const TRAVELS = /^\/((jobs|schedules|operations|webhooks)(\/[0-9a-f-]{36})?|dead-letters)?$/;

/** Whether a page can show the past. */
export const canTravel = (pathname: string): boolean => TRAVELS.test(pathname);

/** What of an address leads another page to the same moment. */
export const sameMoment = (search: string): string => {
  const asOf = new URLSearchParams(search).get('asOf');
  return asOf ? `?${new URLSearchParams({ asOf }).toString()}` : '';
};

/** The instant of a moment; undefined for a position of the log, which says no time, and for what is neither. */
export const instantOf = (asOf: string): number | undefined => {
  const at = /^\d+$/.test(asOf) ? NaN : Date.parse(asOf);
  return Number.isNaN(at) ? undefined : at;
};

export type AsOfChoice = {
  /** A time, or a position of the log; undefined: the present. */
  readonly asOf: string | undefined;
  /** Shows another moment of the past. */
  readonly goTo: (asOf: string) => void;
  /** Leaves the present, or comes back to it: the browser's way back leads there again. */
  readonly enter: () => void;
  readonly leave: () => void;
};

/** The moment that a page shows is in its address, so that it can be sent to a colleague. */
export const useAsOf = (): AsOfChoice => {
  const [search, setSearch] = useSearchParams();
  const change = (asOf: string | undefined, replace: boolean): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        // a step is compared with those of its own page; a time with any other one
        if (/^\d+$/.test(after.get('with') ?? '')) after.delete('with');
        if (asOf === undefined) for (const of of ['asOf', 'with', 'change']) after.delete(of);
        else after.set('asOf', asOf);
        return after;
      },
      { replace, preventScrollReset: true },
    );
  return {
    asOf: search.get('asOf') ?? undefined,
    goTo: (asOf) => change(asOf, true),
    enter: () => change(new Date(serverNow()).toISOString(), false),
    leave: () => change(undefined, false),
  };
};
