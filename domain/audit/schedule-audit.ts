import { scheduleIdOf } from '../ids';
import type { Calendar } from '../schedule/calendar';
import type { Calendars } from '../schedule/calendars';
import type { LastRun } from '../schedule/commands';
import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import {
  scheduleKindOf,
  type AuditedScheduleEvent,
  type ScheduleEventType,
} from '../schedule/events';
import { comeUntil } from '../schedule/state';
import type { Instant } from '../time';
import { keptRules } from './kept-rules';
import type { PlannedJobs } from './planned-jobs';
import { countPlanned } from './planned-rows';
import { undecidedBreaches } from './rule-sum';
import { scheduleLayout } from './schedule-layout';
import { scheduleRules } from './schedule-rules';
import { singlesAfter, type Single } from './single-occurrences';
import { lastPlace, placeOf, streamAudit, type StreamAudit } from './stream-audit';
import { sumBreaches } from './sum-breaches';
import type { Violation } from './violation';
import { zoneData, type OtherZoneData } from './zone-data';

/** What became of the occurrences of all schedules. */
export type ScheduleBooks = {
  readonly schedules: number;
  readonly planned: number;
  readonly skipped: number;
  /** One by one, by a user. */
  readonly moved: number;
  readonly cancelled: number;
  /** Decisions of schedules whose rule this build cannot compute, or of which events are missing. */
  readonly unproved: number;
  readonly otherZoneData: readonly OtherZoneData[];
};

export type ScheduleAudit = StreamAudit<ScheduleTrace, AuditedScheduleEvent> & {
  /** @param now  when the log ended: what has come longer than `overdueAfterMs` before has to be decided */
  readonly end: (now: Instant, overdueAfterMs: number) => ScheduleBooks;
};

export type ScheduleAuditDeps = {
  readonly report: (violation: Violation) => void;
  readonly calendars: Calendars;
  readonly jobs: PlannedJobs;
  /** How the job of a schedule's last occurrence stands. */
  readonly lastRunOf: (jobId: string) => LastRun;
};

const subjectOf = (stream: string): string => scheduleIdOf(stream) ?? stream;

/** An event before this one could not be read, or is missing. */
const isAfterHole = (schedule: Readonly<ScheduleTrace>, revision: number): boolean =>
  schedule.revision >= 0 && (schedule.lastType === '' || revision !== schedule.revision + 1);

const tzdataOf = (event: AuditedScheduleEvent): string | undefined =>
  'tzdata' in event.data ? event.data.tzdata : undefined;

/** Holds schedules against the spec: what their rule has is planned or skipped, in order and once. */
export const scheduleAudit = (deps: ScheduleAuditDeps): ScheduleAudit => {
  const { report, calendars, jobs, lastRunOf } = deps;
  const rules = keptRules();
  const zones = zoneData();
  /** Of schedules that have any. */
  const singles = new Map<string, readonly Single[]>();
  /** The job that was planned last, of schedules whose runs may not overlap. */
  const lastJobs = new Map<string, string>();
  const counts = { planned: 0, skipped: 0, moved: 0, cancelled: 0, unproved: 0 };

  const singlesOf = (stream: string): readonly Single[] => singles.get(stream) ?? [];

  const calendarOf = ({
    rule: number,
    ruleSince,
  }: Readonly<ScheduleTrace>): Calendar | undefined => {
    const rule = rules.at(number);
    if (!rule) return undefined;
    const made = calendars.of(rule, ruleSince);
    return 'calendar' in made ? made.calendar : undefined;
  };

  const checkSum = (
    stream: string,
    event: AuditedScheduleEvent,
    schedule: Readonly<ScheduleTrace>,
  ): void => {
    if (schedule.status === 'none' || schedule.isHeadless) return;
    const isUncertain = schedule.isUncertain || isAfterHole(schedule, event.revision);
    const calendar = isUncertain ? undefined : calendarOf(schedule);
    if (!calendar) {
      if (tzdataOf(event) !== undefined) counts.unproved += 1;
      return;
    }
    const { decidedUntil } = schedule;
    const standing = { calendar, decidedUntil, singles: singlesOf(stream) };
    const decidedWith = tzdataOf(event) ?? zones.nameOf(schedule.tzdata);
    const breaches = sumBreaches(jobs.isJobOf, stream, event, schedule, standing);
    for (const { name, message } of zones.weigh(breaches, decidedWith, calendar.tzdata)) {
      const events = [...lastPlace(stream, schedule), placeOf(stream, event)];
      report({ rule: name, subject: subjectOf(stream), message, events });
    }
  };

  const keepRule = (schedule: ScheduleTrace, event: AuditedScheduleEvent): void => {
    if (event.type === 'ScheduleDeleted') {
      rules.drop(schedule.rule);
      schedule.rule = -1;
    }
    if (event.type !== 'ScheduleCreated' && event.type !== 'ScheduleChanged') return;
    const number = rules.take(event.data.rule);
    rules.drop(schedule.rule);
    schedule.rule = number;
  };

  const keepLastJob = (
    stream: string,
    schedule: Readonly<ScheduleTrace>,
    event: AuditedScheduleEvent,
  ): void => {
    if (schedule.mayOverlap || schedule.status === 'deleted') lastJobs.delete(stream);
    else if (event.type === 'OccurrencePlanned') lastJobs.set(stream, event.data.jobId);
  };

  /** As the projections do: one breach is told once. */
  const advance = (schedule: ScheduleTrace, event: AuditedScheduleEvent, stream: string): void => {
    if (isAfterHole(schedule, event.revision)) schedule.isUncertain = schedule.hasHole = true;
    const ones = singlesAfter(singlesOf(stream), schedule, event);
    if (ones.length === 0) singles.delete(stream);
    else singles.set(stream, ones);
    countPlanned(jobs.isJobOf, stream, schedule, event);
    scheduleKindOf(event.type).trace(schedule, event);
    keepRule(schedule, event);
    keepLastJob(stream, schedule, event);
    const tzdata = tzdataOf(event);
    if (tzdata !== undefined) schedule.tzdata = zones.numberOf(tzdata);
    if (event.type === 'ScheduleChanged' && event.data.withdraws === 'unstarted')
      schedule.isUncertain = false;
    schedule.revision = event.revision;
    schedule.position = event.position;
    schedule.lastType = event.type;
  };

  const count = (event: AuditedScheduleEvent): void => {
    if (event.type === 'OccurrencePlanned') counts.planned += 1;
    if (event.type === 'OccurrencesSkipped') counts.skipped += event.data.count;
    if (event.type === 'OccurrenceMoved') counts.moved += 1;
    if (event.type === 'OccurrenceCancelled') counts.cancelled += 1;
  };

  const subject = {
    layout: scheduleLayout,
    rules: scheduleRules,
    begins: (type: string) => type === ('ScheduleCreated' satisfies ScheduleEventType),
    subjectOf,
    advance: (
      schedule: ScheduleTrace,
      event: AuditedScheduleEvent,
      stream: string,
      isSeed: boolean,
    ) => {
      advance(schedule, event, stream);
      jobs.onSchedule(stream, event, isSeed);
    },
  };
  const audit = streamAudit(subject, report, (stream, event, schedule) => {
    count(event);
    checkSum(stream, event, schedule);
  });

  /** Up to when a schedule has to have decided: one whose runs may not overlap waits for the one that goes on. */
  const decidedBy = (
    stream: string,
    schedule: Readonly<ScheduleTrace>,
    until: Instant,
  ): Instant => {
    const lastJob = lastJobs.get(stream);
    if (schedule.mayOverlap || lastJob === undefined) return until;
    const run = lastRunOf(lastJob);
    if (run === 'open') return Number.NaN;
    return run !== 'none' && run.endedAt > until ? Number.NaN : until;
  };

  const checkEnd = (stream: string, schedule: Readonly<ScheduleTrace>, overdue: Instant): void => {
    const { status, isHeadless, isUncertain, lastType, decidedUntil } = schedule;
    if (status !== 'active' || isHeadless || isUncertain || lastType === '') return;
    const until = comeUntil(schedule, decidedBy(stream, schedule, overdue));
    if (!(decidedUntil < until)) return;
    const calendar = calendarOf(schedule);
    if (!calendar) return;
    const standing = { calendar, decidedUntil, singles: singlesOf(stream) };
    const breaches = undecidedBreaches(standing, 'the end of the log', until);
    const decidedWith = zones.nameOf(schedule.tzdata);
    for (const { message } of zones.weigh(breaches, decidedWith, calendar.tzdata))
      report({
        rule: 'occurrence-undecided',
        subject: subjectOf(stream),
        message,
        events: lastPlace(stream, schedule),
        streams: [stream],
      });
  };

  return {
    ...audit,
    end: (now, overdueAfterMs) => {
      for (const [stream, , schedule] of audit.all())
        checkEnd(stream, schedule, now - overdueAfterMs);
      jobs.end(now, overdueAfterMs);
      return { schedules: audit.size(), ...counts, otherZoneData: zones.others() };
    },
  };
};
