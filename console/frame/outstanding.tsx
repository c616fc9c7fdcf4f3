import { useIsMutating, useQueryClient } from '@tanstack/react-query';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { SENDING } from '../http/use-send';

/** Longer than this wants a sentence. */
const SLOW_MS = 2_000;

const useSlow = (isBusy: boolean): boolean => {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isBusy]);
  return isSlow;
};

/** Why something is tried again: of what is read for a page, or of what is sent; null as long as nothing is. */
const useWhyAgain = (): Error | null => {
  const client = useQueryClient();
  const [queries, mutations] = [client.getQueryCache(), client.getMutationCache()];
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [queries.subscribe(listener), mutations.subscribe(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
    [queries, mutations],
  );
  return useSyncExternalStore(subscribe, () => {
    const read = queries
      .getAll()
      .find(({ state }) => state.fetchStatus === 'fetching' && state.fetchFailureCount > 0);
    const sent = mutations
      .getAll()
      .find(({ state }) => state.status === 'pending' && state.failureCount > 0);
    return read?.state.fetchFailureReason ?? sent?.state.failureReason ?? null;
  });
};

/** Over all else, also over a dialog; nothing moves for it. */
const Over = ({ children }: { readonly children: ReactNode }) => {
  const over = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => over.current?.showPopover(), []);
  return (
    <p ref={over} popover="manual" role="status" className="outstanding">
      {children}
    </p>
  );
};

/** What takes its time, said once for all pages: that the server is away, or that a change is not seen yet. */
export const Outstanding = () => {
  const why = useWhyAgain();
  const isSlow = useSlow(useIsMutating({ mutationKey: SENDING }) > 0);
  if (why)
    return (
      <Over>
        <b>{why.message}.</b> It is tried again by itself.
      </Over>
    );
  if (isSlow)
    return <Over>Sent, and not seen yet: it shows as soon as the read model has it.</Over>;
  return null;
};
