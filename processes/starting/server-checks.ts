import { ServerUnfit, type ServerCheck, type ServerSetting } from '../../infra/server-check';
import type { Logger } from '../runtime/logger';

export type ServerChecksDeps = {
  readonly urls: Readonly<Record<ServerSetting, string>>;
  readonly logger: Logger;
  /** How long one look may take. */
  readonly withinMs?: number;
};

const WITHIN_MS = 8_000;

const within = async <T>(call: Promise<T>, withinMs: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${withinMs} ms`));
    }, withinMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Looks at what the servers allow, one thing after the other. A server that does not answer is no reason to end: it
 * may come, and until then the processes say that they wait.
 *
 * @throws ServerUnfit, or an AggregateError of several, for what is missing and stays missing
 */
export const checkServers = async (
  checks: readonly ServerCheck[],
  { urls, logger, withinMs = WITHIN_MS }: ServerChecksDeps,
): Promise<void> => {
  const unfit: ServerUnfit[] = [];
  const silent = new Set<ServerSetting>();
  for (const { setting, name, look } of checks) {
    if (silent.has(setting)) continue;
    try {
      const verdict = await within(look(), withinMs);
      if (verdict.outcome === 'ok') continue;
      const { found, remedy } = verdict;
      const told = new ServerUnfit({ setting, url: urls[setting], tried: name, found, remedy });
      if (verdict.outcome === 'missing') unfit.push(told);
      else logger.warn({ setting }, told.message);
    } catch (error) {
      silent.add(setting);
      logger.warn({ err: error, setting, tried: name }, `${setting} does not answer; going on`);
    }
  }
  const [first, ...others] = unfit;
  if (!first) return;
  throw others.length === 0 ? first : new AggregateError(unfit);
};
