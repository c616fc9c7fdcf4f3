import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { isProblem, Problem } from '../http/problem';
import { sessionStore } from '../http/session';
import { beginSession } from './begin-session';
import { Widgets } from '../frame/widgets';

const told = (error: unknown): string => {
  if (isProblem(error, 'unauthenticated')) return 'No such key is known here.';
  return error instanceof Problem ? `${error.message}. ${error.detail}` : 'Something went wrong.';
};

/** Asks who you are. */
const SignIn = () => {
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
        <PasswordInput
          label="API key or JWT"
          description="It is traded for a session of twelve hours and not kept."
          value={token}
          onChange={({ currentTarget }) => setToken(currentTarget.value)}
          error={wrong}
          autoComplete="current-password"
          data-autofocus
          autoFocus
        />
        <Button type="submit" loading={isBusy} disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
      <p className="soft">
        <code>make run</code> prints a link that signs you in, and the keys.
      </p>
    </main>
  );
};

export const SignInPage = () => (
  <Widgets>
    <SignIn />
  </Widgets>
);
