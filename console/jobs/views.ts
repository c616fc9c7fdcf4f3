import { useSyncExternalStore } from 'react';
import { sessionStore } from '../http/session';

/** A list that somebody wants to see again: its query is all of it. */
export type View = { readonly name: string; readonly search: string };

const MOST = 50;
const NONE: readonly View[] = [];

/** What asks for a moment of the past is no view: that is another list each time. */
const OTHER = ['asOf', 'with'] as const;

const isView = (value: unknown): value is View =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<View>).name === 'string' &&
  typeof (value as Partial<View>).search === 'string';

/** Of who is signed in: another one in the same browser has his own. */
const keyNow = (): string => `punctual-views:${sessionStore.current()?.principalId ?? ''}`;

const kept = (text: string | null): readonly View[] => {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter(isView) : NONE;
  } catch {
    return NONE;
  }
};

let seen: { readonly key: string; readonly text: string | null; readonly views: readonly View[] } =
  {
    key: '',
    text: null,
    views: NONE,
  };
/** The same list until it changes, in this tab or another. */
const current = (): readonly View[] => {
  const key = keyNow();
  let text: string | null = seen.key === key ? seen.text : null;
  try {
    text = localStorage.getItem(key);
  } catch {
    // storage is off: they last as long as the page
  }
  if (seen.key !== key || seen.text !== text) seen = { key, text, views: kept(text) };
  return seen.views;
};

const listeners = new Set<() => void>();
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
};

const keep = (views: readonly View[]): void => {
  const [key, text] = [keyNow(), JSON.stringify(views)];
  try {
    localStorage.setItem(key, text);
  } catch {
    seen = { key, text, views };
  }
  for (const listener of listeners) listener();
};

/** In the order of their names, however the parts of the query stand. */
export const viewSearch = (search: URLSearchParams): string => {
  const after = new URLSearchParams(search);
  for (const name of OTHER) after.delete(name);
  after.sort();
  return after.toString();
};

/** One of the same name is replaced; of too many the oldest go. */
export const saveView = (view: View): void =>
  keep([...current().filter(({ name }) => name !== view.name), view].slice(-MOST));

export const deleteView = (name: string): void =>
  keep(current().filter((view) => view.name !== name));

/** The views of who is signed in, kept in this browser. */
export const useViews = (): readonly View[] => useSyncExternalStore(subscribe, current);
