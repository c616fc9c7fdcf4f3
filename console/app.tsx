import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { BrowserRouter } from 'react-router';
import { isReadAgain, pauseMs } from './http/again';
import { sessionStore } from './http/session';
import { Places } from './places';

const SignIn = lazy(async () => ({ default: (await import('./access/sign-in')).SignInPage }));

const newClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: isReadAgain,
        retryDelay: pauseMs,
        staleTime: 2_000,
        refetchOnWindowFocus: false, // the live feed tells of what has changed
      },
    },
  });

let client = newClient();
let clientOf: string | undefined;

/** Nobody sees what the one before him has read. */
const clientFor = (token: string): QueryClient => {
  if (clientOf !== undefined && clientOf !== token) client = newClient();
  clientOf = token;
  return client;
};

const SignedIn = () => {
  const session = useSyncExternalStore(sessionStore.subscribe, sessionStore.current);
  if (!session)
    return (
      <Suspense fallback={null}>
        <SignIn />
      </Suspense>
    );
  return (
    <QueryClientProvider client={clientFor(session.token)} key={session.token}>
      <Places session={session} />
    </QueryClientProvider>
  );
};

export const App = () => (
  <BrowserRouter basename={new URL(document.baseURI).pathname.replace(/\/$/, '')}>
    <SignedIn />
  </BrowserRouter>
);
