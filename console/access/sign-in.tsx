import { useState } from 'react';
import { isProblem, Problem } from '../http/problem';
import { sessionStore } from '../http/session';
import { beginSession } from './begin-session';

const told = (error: unknown): string => {
  if (isProblem(error, 'unauthenticated')) return 'No such key is known here.';
  return error instanceof Problem ? `${error.message}. ${error.detail}` : 'Something went wrong.';
};

/** Asks who you are. Without widgets: it is the first that a newcomer waits for. */
export const SignInPage = () => {
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const signIn = async (): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await beginSession(token.trim());
    } catch (error) {
      setWrong(told(error));
    }
    setBusy(false);
  };

  const why = sessionStore.whyEnded();
  return (
    <main className="sign-in">
      <h1>Punctual</h1>
      {why !== undefined && (
        <p className="notice" role="status">
          {why}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <div className="field">
          <label htmlFor="token">API key or JWT</label>
          <input
            id="token"
            type="password"
            value={token}
            autoComplete="current-password"
            autoFocus
            aria-invalid={wrong !== undefined}
            aria-describedby="token-hint token-wrong"
            onChange={({ currentTarget }) => setToken(currentTarget.value)}
          />
          <p id="token-hint" className="hint">
            It is traded for a session of twelve hours and not kept.
          </p>
          <p id="token-wrong" className="wrong" role="status">
            {wrong}
          </p>
        </div>
        <button
          type="submit"
          className="button"
          disabled={isBusy || token.trim() === ''}
          aria-busy={isBusy}
        >
          Sign in
        </button>
      </form>
      <p className="soft">
        <code>make run</code> prints a link that signs you in, and the keys.
      </p>
    </main>
  );
};
