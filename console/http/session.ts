import type { Session } from './answers';

const KEY = 'punctual-session';

const kept = (): Session | undefined => {
  try {
    const text = sessionStorage.getItem(KEY);
    // whether it has ended the server says: the clock of this device may be wrong
    return text === null ? undefined : (JSON.parse(text) as Session); // written below
  } catch {
    return undefined;
  }
};

let current = kept();
let whyEnded: string | undefined;
const listeners = new Set<() => void>();

const change = (session: Session | undefined, why: string | undefined): void => {
  current = session;
  whyEnded = why;
  try {
    if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
    else sessionStorage.removeItem(KEY);
  } catch {
    // storage is off: the session lives as long as the page
  }
  for (const listener of listeners) listener();
};

/** Who is signed in, in this tab alone. */
export const sessionStore = {
  current: (): Session | undefined => current,
  whyEnded: (): string | undefined => whyEnded,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  begin: (session: Session): void => change(session, undefined),
  end: (why?: string): void => change(undefined, why),
};
