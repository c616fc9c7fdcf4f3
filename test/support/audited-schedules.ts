import { logAudit } from '../../domain/audit/log-audit';
import type { ScheduleBooks } from '../../domain/audit/schedule-audit';
import type { Violation } from '../../domain/audit/violation';
import type { RecordedEvent } from '../../domain/event-log';
import { jobIdOf, jobStream, scheduleIdOf, scheduleStream } from '../../domain/ids';
import type { JobEvent } from '../../domain/job/events';
import type { Calendars } from '../../domain/schedule/calendars';
import type { ScheduleEvent } from '../../domain/schedule/events';
import { toTimestamp } from '../../domain/time';
import {
  jobKinds,
  recordedFact,
  scheduleKinds,
  type StoredFact,
} from '../../projections/audit/stored-fact';
import { definition } from './schedules';

export type Placeless = Omit<RecordedEvent, 'position' | 'revision'> & {
  readonly revision?: bigint;
};

const placeless = (stream: string, type: string, data: object, at: number): Placeless => ({
  id: `${stream}/${type}/${at}`,
  stream,
  type,
  data: JSON.parse(JSON.stringify(data)) as unknown,
  metadata: { at: toTimestamp(at), schemaVersion: 1, actor: { kind: 'user', id: 'ada' } },
});

export const ofSchedule = (id: string, at: number, { type, data }: ScheduleEvent): Placeless =>
  placeless(scheduleStream(id), type, data, at);

export const ofJob = (id: string, at: number, { type, data }: JobEvent): Placeless =>
  placeless(jobStream(id), type, data, at);

/** The job of an occurrence, as its schedule makes it. */
export const madeJob = (
  scheduleId: string,
  jobId: string,
  at: number,
  occurrenceAt?: string,
): Placeless => {
  const { whenStillRunning: _policy, job, ownerId, name } = definition;
  const of = { scheduleId, ...(occurrenceAt !== undefined && { occurrenceAt }) };
  const dueAt = occurrenceAt ?? toTimestamp(at);
  return ofJob(jobId, at, { type: 'JobScheduled', data: { ownerId, name, ...job, ...of, dueAt } });
};

export type AuditedLog = {
  readonly violations: readonly Violation[];
  readonly books: ScheduleBooks;
};

/** Takes a log through a fresh audit; revisions that are not given follow from one another. */
export const auditedLog = (
  events: readonly Placeless[],
  calendars: Calendars,
  now: number,
  { overdueAfterMs = 3_600_000, knowsAll = true, seeds = 0 } = {},
): AuditedLog => {
  const violations: Violation[] = [];
  const audit = logAudit((violation) => violations.push(violation), calendars, knowsAll);
  const last = new Map<string, bigint>();
  for (const [index, given] of events.entries()) {
    const revision = given.revision ?? (last.get(given.stream) ?? -1n) + 1n;
    last.set(given.stream, revision);
    const event = { ...given, revision, position: BigInt(index * 128) };
    const isSeed = index < seeds;
    const deal = <Event>(
      to: {
        readonly take: (stream: string, fact: Event) => void;
        readonly seed: (stream: string, fact: Event) => void;
        readonly skip: (place: typeof event, why: string, isSeed: boolean) => void;
      },
      fact: StoredFact<Event>,
    ): void => {
      if (fact.kind === 'unreadable') to.skip(event, fact.why, isSeed);
      else if (isSeed) to.seed(event.stream, fact.event);
      else to.take(event.stream, fact.event);
    };
    if (jobIdOf(event.stream) !== undefined) deal(audit.jobs, recordedFact(jobKinds, event));
    else if (scheduleIdOf(event.stream) !== undefined)
      deal(audit.schedules, recordedFact(scheduleKinds, event));
  }
  return { violations, books: audit.end(now, overdueAfterMs).schedules };
};
