import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Draw } from '../../domain/chance';
import type { ReportedOutcome } from '../../domain/job/commands';
import { isWithinLevels } from '../../domain/json/levels';
import { MAX_JSON_LEVELS } from '../../domain/json/strict-json';
import { toTimestamp } from '../../domain/time';
import { isLogAway, isLogOutage } from '../runtime/log-outage';
import { seldom } from '../runtime/seldom';
import type { Logger } from '../runtime/logger';
import type { Vitals } from '../health/vitals';
import type { ClaimAnswer, ClaimRequest } from '../protocol/claim';
import { MAX_INTEGER } from '../protocol/fields';
import type { GatewayMetrics } from './metrics';
import { MAX_RESULT_BYTES, type ReportAnswer, type ReportRequest } from '../protocol/report';

export type AttemptRequestDeps = {
  readonly commands: Pick<AttemptCommands, 'claim' | 'report'>;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly vitals: Vitals;
  /** An executor was granted a start. */
  readonly started: (executorId: string) => void;
  /** Claims and reports under way at once; more are asked to come again. */
  readonly maxInFlight: number;
};

export type AttemptRequests = {
  readonly claim: (request: ClaimRequest) => Promise<ClaimAnswer>;
  readonly report: (request: ReportRequest) => Promise<ReportAnswer>;
};

/** Spread, so that all whom an outage has stopped do not come back at one moment. */
const retryAfterMs = (draw: Draw): number => 250 + Math.floor(500 * draw());

/** A clock that was set back makes a wait longer than an answer can say; who asks earlier is told again. */
const sayable = (ms: number): number => Math.min(MAX_INTEGER, ms);

/** Why a result cannot be kept; undefined when it can. */
const faultOf = (result: unknown): string | undefined => {
  if (!isWithinLevels(result, MAX_JSON_LEVELS))
    return `the result has more than ${MAX_JSON_LEVELS} levels`;
  return Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_BYTES
    ? `the result is longer than ${MAX_RESULT_BYTES} bytes`
    : undefined;
};

/** Claims and reports to commands. An outage is an answer too: ask again with the same words. */
export const attemptRequests = (deps: AttemptRequestDeps): AttemptRequests => {
  const { commands, draw, logger, metrics, vitals } = deps;
  const tellOutage = seldom(logger, 'the log is away; executors ask again');
  let inFlight = 0;

  /** Undefined when the log is away, or too much is under way already. */
  const limited = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    if (inFlight >= deps.maxInFlight) return undefined;
    inFlight += 1;
    try {
      const answer = await call();
      vitals.worked('event-store');
      return answer;
    } catch (error) {
      if (isLogAway(error)) vitals.failed('event-store', error);
      if (isLogOutage(error)) tellOutage(error);
      else logger.error({ err: error }, 'a request of an executor failed');
      return undefined;
    } finally {
      inFlight -= 1;
    }
  };
  const unavailable = () => ({ code: 'unavailable', retryAfterMs: retryAfterMs(draw) }) as const;

  return {
    claim: async ({ revision, ticket, ...request }) => {
      const claim = {
        ...request,
        revision: BigInt(revision),
        ...(ticket !== undefined && { ticket }),
      };
      const answer = (await limited(() => commands.claim(claim))) ?? {
        granted: false as const,
        ...unavailable(),
      };
      metrics.claim(answer.granted ? 'granted' : answer.code);
      if (answer.granted) {
        deps.started(request.executorId);
        const { token, deadlineAt, leftMs } = answer;
        return {
          granted: true,
          token,
          deadlineAt: toTimestamp(deadlineAt),
          leftMs: sayable(leftMs),
        };
      }
      return answer.retryAfterMs === undefined
        ? { ...answer }
        : { ...answer, retryAfterMs: sayable(answer.retryAfterMs) };
    },
    report: async (request) => {
      const { status } = request.outcome;
      const result = request.outcome.status === 'succeeded' ? request.outcome.result : undefined;
      const fault = result === undefined ? undefined : faultOf(result);
      if (fault !== undefined) {
        metrics.report(status, 'invalid-request');
        return { accepted: false, code: 'invalid-request', detail: fault };
      }
      // the result is what JSON.parse gave, so it is JSON; a schema of any JSON is typed as unknown
      const report = { ...request, outcome: request.outcome as ReportedOutcome };
      const answer = (await limited(() => commands.report(report))) ?? {
        accepted: false as const,
        ...unavailable(),
      };
      metrics.report(status, answer.accepted ? 'accepted' : answer.code);
      return { ...answer };
    },
  };
};
