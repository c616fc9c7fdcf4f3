import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import type { StatusChange } from '../http/answers';
import { ask } from '../http/client';
import { lagStore } from '../http/lag';
import { browserTab } from './browser-tab';
import { applyChanges, fold, rereadJobs, type Changes, type Subscribe } from './changes';
import { followFeed, type FeedState } from './feed';
import { paced } from './paced';
import { isFollowed, isOfNow, rereadOlder } from './reread';

type Live = {
  readonly state: FeedState;
  readonly subscribe: Subscribe;
};

const LiveContext = createContext<Live | undefined>(undefined);

/** Changes come by thousands a second and are looked at ten times. */
const FOLD_MS = 100;
/** Between two looks at what the server counts and tells. */
const LOOK_MS = 400;

export const LiveProvider = ({ children }: { readonly children: ReactNode }) => {
  const client = useQueryClient();
  const [state, setState] = useState<FeedState>({ kind: 'connecting' });
  const listeners = useRef(new Set<(changes: Changes) => void>());

  useEffect(() => {
    const stopping = new AbortController();
    let folded = new Map<string, StatusChange>();
    let isFlushing = false;

    /** What changes do not tell by themselves. */
    const look = paced(
      () =>
        Promise.all([
          ...[['jobs', 'counts'], ['schedule'], ['schedules']].map((queryKey) =>
            client.invalidateQueries({ queryKey }),
          ),
          rereadJobs(client),
        ]),
      LOOK_MS,
    );
    const flush = (): void => {
      isFlushing = false;
      const changes = folded;
      folded = new Map();
      applyChanges(client, changes);
      for (const listener of listeners.current) listener(changes);
      look();
    };
    const onChange = (change: StatusChange): void => {
      fold(folded, change);
      if (!isFlushing) setTimeout(flush, FOLD_MS);
      isFlushing = true;
    };
    void followFeed(
      {
        onChange,
        onBegin: (position) => void rereadOlder(client, isFollowed, position),
        onReset: () => void rereadOlder(client, isOfNow),
        onLag: lagStore.hear,
        onState: setState,
      },
      { ask, tab: browserTab, draw: Math.random },
      stopping.signal,
    );
    return () => stopping.abort();
  }, [client]);

  const subscribe = useCallback<Subscribe>((listener) => {
    listeners.current.add(listener);
    return () => listeners.current.delete(listener);
  }, []);
  const live = useMemo<Live>(() => ({ state, subscribe }), [state, subscribe]);
  return <LiveContext value={live}>{children}</LiveContext>;
};

export const useLive = (): Live => {
  const live = useContext(LiveContext);
  if (!live) throw new Error('there is no live feed around this');
  return live;
};
