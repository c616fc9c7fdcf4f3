import { resolve } from 'node:path';
import { readEndpoints } from '../../processes/composition/endpoints';
import { keysFile, readKeys } from '../../processes/composition/keys';
import { valueOf } from '../../processes/variables';
import { Failure, UsageError, type Context } from '../verb';

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

const causeOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
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
  const ofStack = (await readKeys(keysFile(dataDir)))?.apiKeys.find((one) => one.role === role);
  const key = given.key ?? env['PUNCTUAL_KEY'] ?? ofStack?.key;
  if (key === undefined) throw new UsageError('give --key or PUNCTUAL_KEY');
  return {
    ask: async <Answer>(method: string, path: string, body?: unknown) => {
      const request = {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      };
      const response = await fetch(new URL(path, url), request).catch((error: unknown) => {
        throw new Error(`${url} cannot be asked: ${causeOf(error)}. Is it running?`);
      });
      const text = await response.text();
      if (response.ok) return (text === '' ? {} : JSON.parse(text)) as Answer; // as its OpenAPI says
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      const problem = isJson ? (JSON.parse(text) as Problem) : {};
      const sentence = sentenceOf(response.status, problem);
      throw response.status < 500 ? new Failure(REFUSED, sentence) : new Error(sentence);
    },
  };
};
