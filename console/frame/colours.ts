import { useSyncExternalStore } from 'react';

/** `system`: as the browser's own are. */
export const COLOURS = ['system', 'light', 'dark'] as const;
export type Colours = (typeof COLOURS)[number];

const KEY = 'punctual-colours';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

const kept = (): Colours => {
  try {
    const found = localStorage.getItem(KEY);
    return COLOURS.find((one) => one === found) ?? 'system';
  } catch {
    return 'system';
  }
};

let chosen = kept();

const scheme = (): 'light' | 'dark' => {
  if (chosen !== 'system') return chosen;
  return dark.matches ? 'dark' : 'light';
};

const show = (): void => {
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme());
  for (const listener of listeners) listener();
};
dark.addEventListener('change', show);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const chooseColours = (colours: Colours): void => {
  chosen = colours;
  try {
    localStorage.setItem(KEY, colours);
  } catch {
    // they last as long as the page
  }
  show();
};

export const useColours = (): Colours => useSyncExternalStore(subscribe, () => chosen);
export const useScheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, scheme);
