import type { ExecutorSubjects } from '../../infra/nats/names';
import { ClaimAnswer, ClaimAnswers, type ClaimRequest } from '../protocol/claim';
import { MAX_BATCH } from '../protocol/fields';
import { HeartbeatAnswer, type Heartbeat } from '../protocol/heartbeat';
import { ReportAnswer, ReportAnswers, type ReportRequest } from '../protocol/report';
import { checker, parseMessage, type Checked } from '../protocol/validate';
import type { Timers } from '../runtime/timers';
import { ENTRY_BYTES, runsWithin } from '../protocol/message-size';
import { batching } from './batching';
import { fittingOutcome, outcomeBytes } from './fitting-report';
import { gatewayRoute } from './gateway-route';
import type { Ask } from './ports';

/** The executor's side of the protocol. Every call throws when no answer comes; asking again is right. */
export type GatewayClient = {
  readonly claim: (claim: ClaimRequest) => Promise<ClaimAnswer>;
  readonly report: (report: ReportRequest) => Promise<ReportAnswer>;
  readonly beat: (heartbeat: Heartbeat) => Promise<HeartbeatAnswer>;
};

/** Answers come sooner for batches that are not the largest. */
const MAX_BATCH_BYTES = 512 * 1_024;

/** What a batch has around its entries. */
const ENVELOPE_BYTES = 200;

const claimAnswer = checker(ClaimAnswer);
const claimAnswers = checker(ClaimAnswers);
const reportAnswer = checker(ReportAnswer);
const reportAnswers = checker(ReportAnswers);
const heartbeatAnswer = checker(HeartbeatAnswer);

const valueOf = <T>(checked: Checked<T>): T => {
  if (!checked.ok) throw new Error(`the gateway's answer cannot be read: ${checked.detail}`);
  return checked.value;
};

export type GatewayClientDeps = {
  readonly ask: Ask;
  readonly subjects: ExecutorSubjects;
  readonly timeoutMs: number;
  readonly timers: Timers;
  /** What the broker takes now. */
  readonly maxMessageBytes: () => number;
};

export const gatewayClient = ({
  ask,
  subjects,
  timeoutMs,
  timers,
  maxMessageBytes,
}: GatewayClientDeps): GatewayClient => {
  const maxBytes = (): number => Math.min(MAX_BATCH_BYTES, maxMessageBytes() - ENVELOPE_BYTES);
  const route = gatewayRoute({ ask, timers, timeoutMs });
  const request = (subject: string, body: object): Promise<unknown> =>
    route.ask(subject, JSON.stringify(body));

  const claim = batching<ClaimRequest, ClaimAnswer>({
    send: async (claims) => {
      const [only] = claims;
      if (claims.length === 1 && only)
        return [valueOf(claimAnswer(await request(subjects.claim, only)))];
      return valueOf(claimAnswers(await request(subjects.claim, { claims }))).answers;
    },
    maxItems: MAX_BATCH,
    maxBytes,
    sizeOf: () => ENTRY_BYTES,
  });
  const report = batching<ReportRequest, ReportAnswer>({
    send: async (reports) => {
      const [only] = reports;
      if (reports.length === 1 && only)
        return [valueOf(reportAnswer(await request(subjects.report, only)))];
      return valueOf(reportAnswers(await request(subjects.report, { reports }))).answers;
    },
    maxItems: MAX_BATCH,
    maxBytes,
    sizeOf: ({ outcome }) => outcomeBytes(outcome) + ENTRY_BYTES,
  });
  return {
    claim,
    report: (request) =>
      report({ ...request, outcome: fittingOutcome(request.outcome, maxMessageBytes()) }),
    // all gateways hear it, the first answer counts
    beat: async ({ runs, ...heartbeat }) => {
      const isFitting = runs && runs.length <= runsWithin(maxMessageBytes());
      const text = JSON.stringify({ ...heartbeat, ...(isFitting && { runs }) });
      const bytes = await ask(subjects.heartbeat, text, timeoutMs);
      const answer = valueOf(heartbeatAnswer(parseMessage(bytes)));
      if (answer.gateway !== undefined) route.heardOf(answer.gateway);
      return answer;
    },
  };
};
