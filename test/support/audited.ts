import type { RecordedEvent } from '../../domain/event-log';
import { jobAudit, type JobAudit } from '../../domain/audit/job-audit';
import type { Violation } from '../../domain/audit/violation';
import type { JobEvent } from '../../domain/job/events';
import { jobKinds, recordedFact } from '../../projections/audit/stored-fact';
import { recorded } from './job-histories';
import { t } from './jobs';

export type Audited = { readonly audit: JobAudit; readonly violations: readonly Violation[] };

/** Takes events through a fresh audit, as they come. */
export const audited = (events: readonly RecordedEvent[]): Audited => {
  const violations: Violation[] = [];
  const audit = jobAudit((violation) => violations.push(violation));
  for (const event of events) {
    const fact = recordedFact(jobKinds, event);
    if (fact.kind === 'event') audit.take(event.stream, fact.event);
    else audit.skip(event, fact.why, false);
  }
  return { audit, violations };
};

export const rulesIn = (violations: readonly Violation[]): readonly string[] =>
  violations.map(({ rule }) => rule);

/** An event and the second it was recorded in. */
export type Timed = readonly [second: number, event: JobEvent];

/** A job's events with revisions from 0. */
export const history = (jobId: string, events: readonly Timed[]): readonly RecordedEvent[] =>
  events.map(([second, event], n) =>
    recorded(jobId, BigInt(n), BigInt((n + 1) * 128), event, t(second)),
  );
