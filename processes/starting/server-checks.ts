import {
  ServerUnfit,
  type ServerCheck,
  type ServerSetting,
  type Verdict,
} from '../../infra/server-check';
import { within } from '../../infra/within';
import { retrying } from '../runtime/backoff';
import { limitedSignal } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';

export type ServerChecks = {
  /** As set, password included; it is not shown. */
  readonly url: string;
  readonly logger: Logger;
  /** How long a server may not answer: all checks together where it is waited for, else each. */
  readonly withinMs?: number;
};

export type AwaitedChecks = Required<ServerChecks> & {
  /** What an error that asking the server gave says of it. */
  readonly unfit: (tried: string, error: unknown) => ServerUnfit;
  /** Whether the same question may be answered in a while. */
  readonly mayPass: (error: unknown) => boolean;
};

const LOOK_MS = 8_000;

const nameOf: Readonly<Record<ServerSetting, string>> = {
  EVENTSTORE_URL: 'the event store',
  POSTGRES_URL: 'Postgres',
  NATS_URL: 'the broker',
};

/** What is missing; what is there in part is a line in the log. */
const missingBy = (
  { setting, name }: ServerCheck,
  verdict: Verdict,
  { url, logger }: ServerChecks,
): ServerUnfit | undefined => {
  if (verdict.outcome === 'ok') return undefined;
  const { found, remedy } = verdict;
  if (verdict.outcome === 'missing')
    return new ServerUnfit({ setting, url, tried: name, found, remedy });
  const told = { setting, check: name, found, remedy };
  logger.warn(told, `${nameOf[setting]} gives less than was asked for`);
  return undefined;
};

/**
 * Asks a server that is needed to start until it answers; the log says that it is waited for.
 *
 * @throws ServerUnfit when it has not answered before the signal aborts
 */
export const answerOf = async <T>(
  { setting, name }: Pick<ServerCheck, 'setting' | 'name'>,
  ask: () => Promise<T>,
  { logger, unfit, mayPass }: AwaitedChecks,
  signal: AbortSignal,
): Promise<T> => {
  let told: string | undefined;
  const tellOnce = (error: unknown): void => {
    const { message } = unfit(name, error);
    if (message === told || !mayPass(error)) return;
    told = message;
    logger.warn({ reason: message }, `waiting for ${nameOf[setting]}`);
  };
  const options = { signal, draw: Math.random, isTransient: mayPass, onFailure: tellOnce };
  const answer = await retrying(ask, options).catch((error: unknown) => {
    throw unfit(name, error);
  });
  if (told !== undefined) logger.info({}, `${nameOf[setting]} is there`);
  return answer;
};

/**
 * Makes the checks one after the other, of a server that is needed to start.
 *
 * @returns false when the signal aborted first
 * @throws ServerUnfit for the first thing that is missing, or when the server does not answer in time
 */
export const passChecks = async (
  checks: readonly ServerCheck[],
  awaited: AwaitedChecks,
  outer = new AbortController().signal,
): Promise<boolean> => {
  const signal = limitedSignal(outer, awaited.withinMs);
  try {
    for (const check of checks) {
      const verdict = await answerOf(check, check.look, awaited, signal);
      const missing = missingBy(check, verdict, awaited);
      if (missing) throw missing;
    }
    return true;
  } catch (error) {
    if (outer.aborted) return false;
    throw error;
  }
};

/**
 * The same of a server that may be away at the start: it may come, and until then the processes say that they wait.
 *
 * @throws ServerUnfit, or an AggregateError of several, for what is missing and stays missing
 */
export const checkServer = async (
  checks: readonly ServerCheck[],
  { withinMs = LOOK_MS, ...told }: ServerChecks,
): Promise<void> => {
  const unfit: ServerUnfit[] = [];
  for (const check of checks) {
    const { setting, name, look } = check;
    try {
      const missing = missingBy(check, await within(look(), withinMs), told);
      if (missing) unfit.push(missing);
    } catch (error) {
      const asked = { err: error, setting, check: name };
      told.logger.warn(asked, `${nameOf[setting]} does not answer; going on`);
      break;
    }
  }
  const [first, ...others] = unfit;
  if (!first) return;
  throw others.length === 0 ? first : new AggregateError(unfit);
};
