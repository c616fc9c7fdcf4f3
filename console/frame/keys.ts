import { useEffect, useRef } from 'react';

/** What keys do: one key, or `g` and another one after it. */
export type Keys = Readonly<Record<string, () => void>>;

/** Between the two keys of one command. */
const SEQUENCE_MS = 1_200;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest('input:not([type="checkbox"]), textarea, select, [role="listbox"]') !== null);

const isOverlaid = (): boolean => document.querySelector('dialog[open]') !== null;

/** Listens to keys while nobody types; a dialog has the keyboard to itself. */
export const useKeys = (keys: Keys): void => {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    let before = '';
    let timer: number | undefined;
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || isOverlaid()) return;
      const isOnControl =
        event.key === 'Enter' &&
        event.target instanceof HTMLElement &&
        event.target.closest('a, button') !== null;
      const action = isOnControl ? undefined : current.current[`${before}${event.key}`];
      before = event.key === 'g' ? 'g ' : '';
      clearTimeout(timer);
      timer = window.setTimeout(() => (before = ''), SEQUENCE_MS);
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', hear);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', hear);
    };
  }, []);
};
