import type { Clock } from '../../domain/time';
import { isOperator, type Principal } from '../access/principal';
import type { Logger } from '../http/exchange';
import { RETRY_AFTER } from '../http/failures';
import { optional } from '../http/parameters';
import { refuse, type Parsed } from '../http/problem';
import type { ProblemCode } from '../http/problem-catalogue';
import type { Call, Reply } from '../http/route';
import {
  beginningOf,
  openLiveStream,
  type LiveStream,
  type LiveStreamDeps,
  type WhichChanges,
} from './stream';

export type LiveDeps = LiveStreamDeps & {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Connections of one principal. */
  readonly maxStreams: number;
  readonly isDraining: () => boolean;
};

const HEARTBEAT_MS = 15_000;

const lastEventIdOf = ({ header }: Call): Parsed<bigint | undefined> => {
  const text = header('last-event-id');
  if (text === undefined) return { value: undefined };
  return /^(?:-1|\d{1,18})$/.test(text) ? { value: BigInt(text) } : refuse('bad-last-event-id');
};

const readWhich = (
  text: string,
): { readonly value: WhichChanges } | { readonly problem: ProblemCode } =>
  text === 'all' || text === 'latest' ? { value: text } : { problem: 'bad-parameter' };

/** Takes places for principals, each up to so many. */
const places = (max: number) => {
  const taken = new Map<string, number>();
  return {
    /** False when all are taken. */
    take: (principalId: string): boolean => {
      const count = taken.get(principalId) ?? 0;
      if (count < max) taken.set(principalId, count + 1);
      return count < max;
    },
    free: (principalId: string): void => {
      const left = (taken.get(principalId) ?? 0) - 1;
      if (left > 0) taken.set(principalId, left);
      else taken.delete(principalId);
    },
  };
};

/** All live connections of this process. */
export const liveStreams = (deps: LiveDeps) => {
  const { feed, clock, logger, maxStreams, isDraining } = deps;
  const open = new Map<LiveStream, Principal>();
  const { take, free } = places(maxStreams);
  let heart: NodeJS.Timeout | undefined;

  const beatAll = (): void => {
    const now = clock.now();
    for (const [stream, { expiresAt }] of open) {
      if (expiresAt !== undefined && now > expiresAt) stream.end();
      else stream.beat();
    }
  };

  const connect = async (call: Call): Promise<Reply> => {
    const lastEventId = lastEventIdOf(call);
    if ('refusal' in lastEventId) return lastEventId.refusal;
    const which = optional(call, 'changes', readWhich);
    if ('refusal' in which) return which.refusal;
    const beginning = await beginningOf(feed, lastEventId.value);
    const { principal, response } = call;
    if (response.destroyed) return 'taken';
    if (isDraining()) return { code: 'shutting-down', headers: RETRY_AFTER };
    const ownerId = isOperator(principal) ? undefined : principal.id;
    const stream = openLiveStream(
      deps,
      response,
      { ownerId, which: which.value ?? 'all' },
      beginning,
    );
    open.set(stream, principal);
    response.once('close', () => open.delete(stream));
    heart ??= setInterval(beatAll, HEARTBEAT_MS).unref();
    stream.caughtUp.catch((error: unknown) => {
      logger.warn(
        { err: error, requestId: call.requestId },
        'live connection cut: it resumes later',
      );
      stream.end();
    });
    return 'taken';
  };

  /** Counts before it waits for anything, so that a flood of connections cannot slip through. */
  const handle = async (call: Call): Promise<Reply> => {
    const { principal, response } = call;
    if (!take(principal.id)) return { code: 'too-many-streams', headers: { 'Retry-After': '5' } };
    response.once('close', () => free(principal.id));
    return await connect(call);
  };

  return {
    handle,
    /** Ends every connection: browsers connect again, elsewhere. */
    endAll: (): void => {
      clearInterval(heart);
      heart = undefined;
      for (const stream of open.keys()) stream.end();
    },
  };
};
