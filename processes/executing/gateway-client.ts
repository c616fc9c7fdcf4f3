import { ClaimAnswer, ClaimAnswers, type ClaimRequest } from '../protocol/claim';
import { MAX_BATCH } from '../protocol/fields';
import { HeartbeatAnswer, type Heartbeat } from '../protocol/heartbeat';
import { ReportAnswer, ReportAnswers, type ReportRequest } from '../protocol/report';
import { subjects } from '../protocol/subjects';
import { checker, parseMessage, type Checked } from '../protocol/validate';
import type { Timers } from '../timers';
import { asker } from './asker';
import { gatewayRoute } from './gateway-route';
import type { Ask } from './ports';

/** The executor's side of the protocol. Every call throws when no answer comes; asking again is right. */
export type GatewayClient = {
  readonly claim: (claim: ClaimRequest) => Promise<ClaimAnswer>;
  readonly report: (report: ReportRequest) => Promise<ReportAnswer>;
  readonly beat: (heartbeat: Heartbeat) => Promise<HeartbeatAnswer>;
};

/** Half of the broker's limit for one message. */
const MAX_BATCH_CHARS = 512 * 1_024;

const claimAnswer = checker(ClaimAnswer);
const claimAnswers = checker(ClaimAnswers);
const reportAnswer = checker(ReportAnswer);
const reportAnswers = checker(ReportAnswers);
const heartbeatAnswer = checker(HeartbeatAnswer);

const valueOf = <T>(checked: Checked<T>): T => {
  if (!checked.ok) throw new Error(`the gateway's answer cannot be read: ${checked.detail}`);
  return checked.value;
};

export const gatewayClient = (ask: Ask, timeoutMs: number, timers: Timers): GatewayClient => {
  const route = gatewayRoute({ ask, timers, timeoutMs });
  const request = (subject: string, body: object): Promise<unknown> =>
    route.ask(subject, JSON.stringify(body));

  const claim = asker<ClaimRequest, ClaimAnswer>({
    send: async (claims) => {
      const [only] = claims;
      if (claims.length === 1 && only)
        return [valueOf(claimAnswer(await request(subjects.claim, only)))];
      return valueOf(claimAnswers(await request(subjects.claim, { claims }))).answers;
    },
    maxItems: MAX_BATCH,
    maxChars: MAX_BATCH_CHARS,
    sizeOf: () => 1_000,
  });
  const report = asker<ReportRequest, ReportAnswer>({
    send: async (reports) => {
      const [only] = reports;
      if (reports.length === 1 && only)
        return [valueOf(reportAnswer(await request(subjects.report, only)))];
      return valueOf(reportAnswers(await request(subjects.report, { reports }))).answers;
    },
    maxItems: MAX_BATCH,
    maxChars: MAX_BATCH_CHARS,
    sizeOf: ({ outcome }) => JSON.stringify(outcome).length + 1_000,
  });
  return {
    claim,
    report,
    // all gateways hear it, the first answer counts
    beat: async (heartbeat) => {
      const bytes = await ask(subjects.heartbeat, JSON.stringify(heartbeat), timeoutMs);
      const answer = valueOf(heartbeatAnswer(parseMessage(bytes)));
      if (answer.gateway !== undefined) route.heardOf(answer.gateway);
      return answer;
    },
  };
};
