import { ServerUnfit, type ServerCheck, type ServerSetting } from '../../infra/server-check';

/** What came of one check. `unknown`: the server did not answer. */
export type Finding = {
  readonly setting: ServerSetting;
  readonly name: string;
  readonly outcome: 'ok' | 'reduced' | 'missing' | 'unknown';
  readonly detail?: string;
  readonly found?: string;
  readonly remedy?: string;
};

/** Longer than any limit that the checks have of their own. */
const WITHIN_MS = 10_000;

const within = async <T>(call: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${WITHIN_MS / 1_000} s`));
    }, WITHIN_MS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Of an error of the server's client, what a person can use. */
export type Explain = (error: unknown) => { readonly found: string; readonly remedy: string };

/** What a server's checks find, one after the other; none after the first that gets no answer. */
export async function* lookAt(
  checks: readonly ServerCheck[],
  explain: Explain,
): AsyncGenerator<Finding> {
  for (const { setting, name, look } of checks) {
    try {
      yield { setting, name, ...(await within(look())) };
    } catch (error) {
      const { found, remedy } = error instanceof ServerUnfit ? error : explain(error);
      yield { setting, name, outcome: 'unknown', found, remedy };
      return;
    }
  }
}
