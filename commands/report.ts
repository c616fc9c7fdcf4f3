import type { JobRejection, ReportedOutcome } from '../domain/job/commands';
import { decideSuccess } from '../domain/job/decide-attempt';
import { EventLogRefused } from '../domain/event-log';
import {
  appendAt,
  ifGone,
  readAndDecide,
  type AttemptDeps,
  type ProcessOrder,
} from './process-order';
import type { Token } from './proofs';

export type Report = {
  readonly jobId: string;
  readonly attempt: number;
  readonly token: string;
  readonly outcome: ReportedOutcome;
};

export type ReportAnswer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: JobRejection['code'] };

const orderOf = ({ jobId, attempt, outcome }: Report, token: Token): ProcessOrder => ({
  jobId,
  actor: { kind: 'executor', id: token.executorId ?? 'unknown' },
  seed: ['report', String(attempt), String(token.revision), outcome.status],
});

/** A success at a signed token needs no read; false when it was not to be had that way. */
const reportByToken = async (deps: AttemptDeps, report: Report, token: Token): Promise<boolean> => {
  if (token.executorId === undefined || report.outcome.status !== 'succeeded') return false;
  const { events } = decideSuccess(report.attempt, report.outcome);
  const at = deps.clock.now();
  const appended = await appendAt(deps, orderOf(report, token), events, at, token.revision);
  return appended.outcome === 'appended';
};

const reported = async (deps: AttemptDeps, report: Report): Promise<ReportAnswer> => {
  const { jobId, attempt, outcome } = report;
  const token = deps.proofs.readToken(report.token, jobId, attempt);
  if (!token) return { accepted: false, code: 'attempt-superseded' };
  if (await reportByToken(deps, report, token)) return { accepted: true };
  const done = await readAndDecide(deps, orderOf(report, token), (at) => ({
    type: 'ReportAttempt',
    at,
    attempt,
    token: token.revision,
    outcome,
    draw: deps.draw(),
  }));
  return done.outcome === 'done'
    ? { accepted: true }
    : { accepted: false, code: done.rejection.code };
};

/** The same outcome with a note in place of what it gave back; undefined when it gave back nothing. */
const withoutResult = (outcome: ReportedOutcome): ReportedOutcome | undefined => {
  // Stryker disable next-line ConditionalExpression: a failure has no result either, the compiler wants it said
  if (outcome.status !== 'succeeded' || outcome.result === undefined) return undefined;
  const sizeBytes = new TextEncoder().encode(JSON.stringify(outcome.result)).length;
  return { ...outcome, result: { omitted: 'result-too-long', sizeBytes } };
};

/** A result that the log will never take is left out: the work is done, and reported in vain it would be done again. */
const reportedAtLast = async (deps: AttemptDeps, report: Report): Promise<ReportAnswer> => {
  try {
    return await reported(deps, report);
  } catch (error) {
    const isTooLarge = error instanceof EventLogRefused && error.because === 'too-large';
    const outcome = isTooLarge ? withoutResult(report.outcome) : undefined;
    if (!outcome) throw error;
    return await reported(deps, { ...report, outcome });
  }
};

/** Records how an attempt ended, if the token says that it is the live one. The same report twice is accepted once. */
export const reportCommand =
  (deps: AttemptDeps) =>
  (report: Report): Promise<ReportAnswer> =>
    ifGone(reportedAtLast(deps, report), { accepted: false, code: 'job-not-found' } as const);
