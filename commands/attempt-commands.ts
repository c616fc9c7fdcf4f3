import type { DueJob } from '../domain/job/due-job';
import { claimCommand, type Claim, type ClaimAnswer } from './claim';
import { dispatchCommand, type DispatchAnswer } from './dispatch';
import { holdsAttempt } from './holding';
import type { AttemptDeps } from './process-order';
import { redispatchCommand, type RedispatchAnswer, type SentJob } from './redispatch';
import { reportCommand, type Report, type ReportAnswer } from './report';
import { rescueCommands, type RescueCommands } from './rescue';

/**
 * What our own processes ask of a job. Every call may throw EventLogUnavailable or AppendOutcomeUnknown;
 * the same call again is then right, and does nothing twice.
 */
export type AttemptCommands = RescueCommands & {
  readonly dispatch: (due: DueJob) => Promise<DispatchAnswer>;
  readonly redispatch: (sent: SentJob, maxDeliveries?: number) => Promise<RedispatchAnswer>;
  readonly claim: (claim: Claim) => Promise<ClaimAnswer>;
  readonly report: (report: Report) => Promise<ReportAnswer>;
  readonly holds: (jobId: string, attempt: number, executorId: string) => Promise<boolean>;
};

export const attemptCommands = (deps: AttemptDeps): AttemptCommands => ({
  dispatch: dispatchCommand(deps),
  redispatch: redispatchCommand(deps),
  claim: claimCommand(deps),
  report: reportCommand(deps),
  holds: holdsAttempt(deps),
  ...rescueCommands(deps),
});
