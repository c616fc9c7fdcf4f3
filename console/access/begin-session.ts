import type { Session } from '../http/answers';
import { ask } from '../http/client';
import { isProblem } from '../http/problem';
import { sessionStore } from '../http/session';

/** Trades a key, a JWT or a one-time code for a session: nothing else is kept here. @throws Problem */
export const beginSession = async (token: string): Promise<void> => {
  const response = await ask('v1/sessions', { method: 'POST', token });
  sessionStore.begin((await response.json()) as Session); // as the API describes it
};

const LINK = /^#sign-in=([\w-]{1,100})$/;

/** Signs in with the code of a link, which leaves the address at once. */
export const followSignInLink = async (): Promise<void> => {
  const code = LINK.exec(location.hash)?.[1];
  if (code === undefined) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    await beginSession(code);
  } catch (error) {
    if (sessionStore.current()) return; // signed in as before
    const isUsed = isProblem(error, 'unauthenticated');
    sessionStore.end(
      isUsed
        ? 'This link was used before, or is older than a minute. Sign in with a key, or ask for another link.'
        : 'The server does not answer. Try the link again.',
    );
  }
};
