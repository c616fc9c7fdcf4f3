import { dateListener } from '../time/clock';
import type { Placed } from './answers';
import { lagStore } from './lag';
import { problemOf, unreachable } from './problem';
import { sessionStore } from './session';

/** Below wherever this page was found: a proxy may have put a path before it. */
export const apiUrl = (path: string): string => new URL(path, document.baseURI).href;

export type Query = Readonly<Record<string, string | undefined>>;

const withQuery = (path: string, query: Query): string => {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new URLSearchParams(given).toString();
  return text === '' ? path : `${path}?${text}`;
};

type Asked = {
  readonly method: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly token?: string;
};

/** @throws Problem */
export const ask = async (path: string, asked: Asked): Promise<Response> => {
  const token = asked.token ?? sessionStore.current()?.token;
  const hearDate = dateListener();
  const response = await fetch(apiUrl(path), {
    method: asked.method,
    cache: 'no-store',
    credentials: 'omit',
    signal: asked.signal ?? null,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(asked.body && { 'Content-Type': 'application/json' }),
      ...asked.headers,
    },
    ...(asked.body && { body: JSON.stringify(asked.body) }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  });
  hearDate(response.headers.get('Date'));
  if (response.ok) return response;
  if (response.status === 401 && asked.token === undefined)
    sessionStore.end('Your session has ended. Sign in again to go on where you were.');
  throw await problemOf(response);
};

const noteLag = (response: Response): void => {
  const text = response.headers.get('Punctual-Lag-Ms');
  if (text !== null) lagStore.hear(Number(text));
};

/** The newest change of ours: what is read afterwards shows it. */
let position: bigint | undefined;

/** Lists and pages that are asked for from now on wait until they show it. */
const wroteAt = (written: string | undefined): void => {
  const at = written === undefined ? undefined : BigInt(written);
  if (at !== undefined && (position === undefined || at > position)) position = at;
};

const askFresh = async (path: string, query: Query, signal?: AbortSignal): Promise<Response> => {
  const after = position === undefined ? undefined : String(position);
  const response = await ask(withQuery(path, { ...query, after }), { method: 'GET', signal });
  noteLag(response);
  return response;
};

/** Reads what the read model has, at least as far as our own changes. */
export const readFresh = async <T>(
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<T> => (await (await askFresh(path, query, signal)).json()) as T; // as the API describes it

/** Reads what the read model has, and how far that goes. */
export const readPlaced = async <T>(
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<Placed<T>> => {
  const response = await askFresh(path, query, signal);
  const answer = (await response.json()) as T; // as the API describes it
  const upTo = response.headers.get('Punctual-Position');
  return { ...answer, ...(upTo !== null && { upTo: BigInt(upTo) }) };
};

/** Asks what a command would do, by what the read model has, at least as far as our own changes. */
export const tryOut = async <T>(path: string, body: object, signal?: AbortSignal): Promise<T> => {
  const after = position === undefined ? undefined : String(position);
  const response = await ask(withQuery(path, { after }), { method: 'POST', body, signal });
  return (await response.json()) as T; // as the API describes it
};

/** Reads what is never behind. */
export const read = async <T>(
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<T> => {
  const response = await ask(withQuery(path, query), { method: 'GET', signal });
  return (await response.json()) as T; // as the API describes it
};

export type Sending = {
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly key?: string;
  /** The revision that it is meant for: it changes no other. */
  readonly ifMatch?: number;
};

/** Sends a command; sent again after a broken line, it is the same command. */
export const send = async <T extends object>(
  path: string,
  body?: object,
  { method = 'POST', key, ifMatch }: Sending = {},
): Promise<T> => {
  const headers = {
    'Idempotency-Key': key ?? crypto.randomUUID(),
    ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
  };
  const response = await ask(path, { method, headers, ...(body && { body }) });
  const answer = (await response.json()) as T & { readonly position?: string }; // as the API describes it
  wroteAt(answer.position);
  return answer;
};
