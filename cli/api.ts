import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readEndpoints } from '../processes/composition/endpoints';
import { keysFile, readKeys } from '../processes/composition/keys';
import { valueOf } from '../processes/settings/variables';
import { Failure, UsageError, type Context } from './verb';

/** For `parseArgs`: which API is asked, and as whom. */
export const apiFlags = {
  url: { type: 'string' },
  key: { type: 'string' },
  'data-dir': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** The lines of a usage text that tell of `apiFlags`. */
export const apiUsage = `  --url URL           API, http://… (default PUNCTUAL_URL)
  --key KEY           API key or JWT (default PUNCTUAL_KEY)
  --data-dir DIR      folder of a stack that runs on this machine, whose API and key are taken where none is
                      given (default PUNCTUAL_DATA_DIR, else .data)
  --json              JSON lines

Exit codes: 0 done; 1 it failed, or nobody knows; 2 wrong flags; 3 the API has refused it, and nothing was changed.`;

/** The API has said no, and why. */
const REFUSED = 3;
/** The API answers within ten. */
const TIMEOUT_MS = 15_000;
/** A request that got no answer, or that of a server that is away, is sent so often, with the same key. */
const MAX_TRIES = 2;
const RETRY_AFTER_MS = 300;

export type Api = {
  /** @throws Failure with what the API says, for anything but a 2xx */
  readonly ask: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;
};

type Given = {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly 'data-dir'?: string | undefined;
};

type Problem = {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly reason?: string }[];
};

const sentenceOf = (status: number, { title, detail, errors = [] }: Problem): string =>
  [
    [title ?? `the API answered ${status}`, detail].filter(Boolean).join(': '),
    ...errors.map(({ pointer = '', reason = '' }) => `  ${pointer}  ${reason}`.trimEnd()),
  ].join('\n');

/** Nothing was sent with these, so nothing was done. */
const NOT_REACHED: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];

/** No answer: whether what was asked was done is unknown once the request may have been sent. */
const noAnswer = (url: string, error: unknown): Error => {
  const { cause, message } = error as Error;
  const { code, message: why } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : {};
  const reason = why === undefined || why === '' ? (code ?? message) : why;
  return new Error(
    NOT_REACHED.includes(code)
      ? `${url} cannot be asked: ${reason}. Is it running?`
      : `${url} has given no answer: ${reason}. Nobody knows whether it was done: look before you ask again.`,
  );
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** @throws UsageError that names where the URL came from */
const requireUrl = (url: string, from: string): void => {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (!['http:', 'https:'].includes(protocol))
    throw new UsageError(`${from} ${url} is no URL of an API: write it as http://127.0.0.1:3000`);
};

/**
 * The API of `--url`, else of the stack on the data folder.
 *
 * @param role  whose key of that stack is taken
 * @throws UsageError that says how to name what is missing
 */
export const apiFrom = async (
  given: Given,
  { env, signal }: Pick<Context, 'env' | 'signal'>,
  role: 'user' | 'operator' = 'user',
): Promise<Api> => {
  const dataDir = resolve(given['data-dir'] ?? valueOf(env, 'DATA_DIR') ?? '.data');
  const url = given.url ?? env['PUNCTUAL_URL'] ?? (await readEndpoints(dataDir))?.httpUrl;
  if (url === undefined)
    throw new UsageError(
      `give --url or PUNCTUAL_URL, or --data-dir with the folder of a running stack (none in ${dataDir})`,
    );
  requireUrl(url, given.url === undefined ? 'PUNCTUAL_URL' : '--url');
  const ofStack = (await readKeys(keysFile(dataDir)))?.apiKeys.find((one) => one.role === role);
  const key = given.key ?? env['PUNCTUAL_KEY'] ?? ofStack?.key;
  if (key === undefined) throw new UsageError('give --key or PUNCTUAL_KEY');
  const send = async (method: string, path: string, headers: object, body?: unknown) => {
    const request = {
      ...{ method, headers: { authorization: `Bearer ${key}`, ...headers } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    };
    const response = await fetch(new URL(path, url), request).catch((error: unknown) => {
      throw noAnswer(url, error);
    });
    const text = await response.text().catch((error: unknown) => {
      throw noAnswer(url, error);
    });
    const answer = jsonIn(text);
    if (response.ok && answer === undefined)
      throw new Error(`${url} does not answer as the API of Punctual does`);
    if (response.ok) return answer;
    const isProblem = typeof answer === 'object' && answer !== null;
    const sentence = sentenceOf(response.status, isProblem ? answer : {});
    throw response.status < 500 ? new Failure(REFUSED, sentence) : new Error(sentence);
  };
  return {
    ask: async <Answer>(method: string, path: string, body?: unknown) => {
      const headers = {
        // whatever was lost on the way, it is done once
        ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      for (let tries = 1; ; tries += 1)
        try {
          return (await send(method, path, headers, body)) as Answer; // as its OpenAPI says
        } catch (error) {
          if (error instanceof Failure || tries === MAX_TRIES) throw error;
          await pause(RETRY_AFTER_MS, undefined, { signal });
        }
    },
  };
};
