import { ClaimAnswer, ClaimAnswers, type ClaimRequest } from '../protocol/claim';
import { MAX_BATCH } from '../protocol/fields';
import { HeartbeatAnswer, type Heartbeat } from '../protocol/heartbeat';
import { ReportAnswer, ReportAnswers, type ReportRequest } from '../protocol/report';
import { subjects } from '../protocol/subjects';
import { reader, type Checked } from '../protocol/validate';
import { asker } from './asker';
import type { Ask } from './ports';

/** The executor's side of the protocol. Every call throws when no answer comes; asking again is right. */
export type GatewayClient = {
  readonly claim: (claim: ClaimRequest) => Promise<ClaimAnswer>;
  readonly report: (report: ReportRequest) => Promise<ReportAnswer>;
  readonly beat: (heartbeat: Heartbeat) => Promise<HeartbeatAnswer>;
};

/** Half of the broker's limit for one message. */
const MAX_BATCH_CHARS = 512 * 1_024;

const claimAnswer = reader(ClaimAnswer);
const claimAnswers = reader(ClaimAnswers);
const reportAnswer = reader(ReportAnswer);
const reportAnswers = reader(ReportAnswers);
const heartbeatAnswer = reader(HeartbeatAnswer);

const valueOf = <T>(checked: Checked<T>): T => {
  if (!checked.ok) throw new Error(`the gateway's answer cannot be read: ${checked.detail}`);
  return checked.value;
};

export const gatewayClient = (ask: Ask, timeoutMs: number): GatewayClient => {
  const request = (subject: string, body: object): Promise<Uint8Array> =>
    ask(subject, JSON.stringify(body), timeoutMs);

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
    beat: async (heartbeat) =>
      valueOf(heartbeatAnswer(await request(subjects.heartbeat, heartbeat))),
  };
};
