import type { Draw } from '../../domain/chance';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import type { ClaimAnswer, ClaimRequest } from '../protocol/claim';
import type { ReportAnswer, ReportRequest } from '../protocol/report';
import type { Timers } from '../runtime/timers';
import type { GatewayClient } from './gateway-client';

/** `undecided`: nobody has said yes or no in all that time. */
export type Claimed =
  | {
      readonly outcome: 'granted';
      readonly token: string;
      /** What is left of the time limit, counted from `sentAtMs` on; undefined: all of it. */
      readonly leftMs: number | undefined;
      readonly sentAtMs: number;
    }
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'undecided'; readonly retryAfterMs: number };

export type PersistentDeps = {
  readonly gateway: GatewayClient;
  readonly timers: Timers;
  readonly draw: Draw;
};

const isToBeAskedAgain = (code: string): boolean => code === 'too-early' || code === 'unavailable';

/**
 * Asks until there is an answer that counts. The same claim again is the same claim, so a lost answer costs
 * nothing but time.
 *
 * @param patienceMs  no further try after this long, nor once the signal aborts
 */
export const claimPersistently = async (
  { gateway, timers, draw }: PersistentDeps,
  claim: ClaimRequest,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Claimed> => {
  const firstSentAtMs = timers.monotonicMs();
  for (let tries = 1; ; tries++) {
    const sentAtMs = timers.monotonicMs();
    const answer = await gateway.claim(claim).catch((): ClaimAnswer | undefined => undefined);
    if (answer?.granted) {
      const { token, leftMs } = answer;
      // without a word about it the first try may be the one that was granted
      const countedFrom = leftMs === undefined ? firstSentAtMs : sentAtMs;
      return { outcome: 'granted', token, leftMs, sentAtMs: countedFrom };
    }
    if (answer && !isToBeAskedAgain(answer.code)) return { outcome: 'refused', code: answer.code };
    const retryAfterMs = answer?.retryAfterMs ?? backoffMs(tries, outagePolicy, draw());
    const isOver = timers.monotonicMs() + retryAfterMs - firstSentAtMs > patienceMs;
    if (isOver || signal.aborted) return { outcome: 'undecided', retryAfterMs };
    await pause(retryAfterMs, signal);
  }
};

/**
 * Reports until the report is accepted or refused for good.
 *
 * @param signal  gives up: the attempt will time out, or its executor count as lost
 * @returns the last answer; undefined when there was none
 */
export const reportPersistently = async (
  { gateway, draw }: PersistentDeps,
  report: ReportRequest,
  signal: AbortSignal,
): Promise<ReportAnswer | undefined> => {
  for (let tries = 1; ; tries++) {
    const answer = await gateway.report(report).catch((): ReportAnswer | undefined => undefined);
    if (answer && (answer.accepted || answer.code !== 'unavailable')) return answer;
    if (signal.aborted) return answer;
    const askedMs = answer && !answer.accepted ? answer.retryAfterMs : undefined;
    await pause(askedMs ?? backoffMs(tries, outagePolicy, draw()), signal);
  }
};
