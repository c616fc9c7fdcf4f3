import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 60rem)');
const onWidth = (listener: () => void): (() => void) => {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

/** Whether the page is as narrow as the style sheets mean it: a phone, or half a screen. */
export const useNarrow = (): boolean => useSyncExternalStore(onWidth, () => narrow.matches);
