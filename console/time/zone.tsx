import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { isZone, ownZone } from './zones';

type Zone = {
  readonly zone: string;
  /** The one that the address says, which goes along to other pages. */
  readonly named: string | undefined;
  readonly choose: (zone: string) => void;
};

const ZoneContext = createContext<Zone>({
  zone: 'UTC',
  named: undefined,
  choose: () => undefined,
});

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
  const named = asked !== null && isZone(asked) ? asked : undefined;
  const zone = named ?? chosen;

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
  const value = useMemo(() => ({ zone, named, choose }), [zone, named, choose]);
  return <ZoneContext value={value}>{children}</ZoneContext>;
};

export const useZone = (): Zone => useContext(ZoneContext);
