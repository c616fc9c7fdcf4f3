import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { isZone, ownZone } from './zones';

type Zone = { readonly zone: string; readonly choose: (zone: string) => void };

const ZoneContext = createContext<Zone>({ zone: 'UTC', choose: () => undefined });

const KEY = 'punctual-zone';

const keptZone = (): string => {
  try {
    const kept = localStorage.getItem(KEY);
    return kept !== null && isZone(kept) ? kept : ownZone();
  } catch {
    return ownZone();
  }
};

/** The zone of all times shown: that of the address, so that a view can be sent to a colleague, else the one chosen last. */
export const ZoneProvider = ({ children }: { readonly children: ReactNode }) => {
  const [search, setSearch] = useSearchParams();
  const { state } = useLocation() as { state: unknown }; // whatever the page is
  const [chosen, setChosen] = useState(keptZone);
  const asked = search.get('zone');
  const zone = asked !== null && isZone(asked) ? asked : chosen;

  const choose = useCallback(
    (name: string): void => {
      setChosen(name);
      try {
        localStorage.setItem(KEY, name);
      } catch {
        // it lasts as long as the page
      }
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          after.set('zone', name);
          return after;
        },
        { replace: true, state },
      );
    },
    [setSearch, state],
  );
  const value = useMemo(() => ({ zone, choose }), [zone, choose]);
  return <ZoneContext value={value}>{children}</ZoneContext>;
};

export const useZone = (): Zone => useContext(ZoneContext);

/** Leads to another page on the clocks of the same zone, where the address says which; `/jobs`, `/jobs?status=failed` */
export const useSameZone = (): ((path: string) => string) => {
  const [search] = useSearchParams();
  const zone = search.get('zone');
  return useCallback(
    (path) => {
      if (zone === null) return path;
      const [pathname = '', query] = path.split('?');
      const after = new URLSearchParams(query);
      after.set('zone', zone);
      return `${pathname}?${after.toString()}`;
    },
    [zone],
  );
};
