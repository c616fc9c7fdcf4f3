import { accept, reject } from '../decider';
import { DUE_GRACE_MS, furthestDueAt } from '../job/limits';
import { toTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type {
  BackfillSchedule,
  CancelOccurrence,
  MoveOccurrence,
  ScheduleRejection,
  TriggerSchedule,
} from './commands';
import { absence } from './decide-change';
import type { ScheduleDecision } from './decision';
import { MAX_BACKFILLED, MAX_EXCEPTIONS } from './limits';
import { usualDueAt, type KnownSchedule, type Planned, type ScheduleState } from './state';

const withNote = (note: string | undefined): { readonly note?: string } =>
  note === undefined ? {} : { note };

/** One occurrence as the schedule knows it: with a job, or still to be decided. */
type Found = { readonly planned: Planned | undefined } | { readonly rejection: ScheduleRejection };

const find = (
  schedule: KnownSchedule,
  calendar: Calendar,
  occurrenceAt: Instant,
  at: Instant,
): Found => {
  const planned = schedule.ahead.find((one) => one.occurrenceAt === occurrenceAt);
  const isOfRule = calendar.next(occurrenceAt - 1) === occurrenceAt;
  if (!planned && !isOfRule) return { rejection: { code: 'occurrence-unknown' } };
  const exception = schedule.exceptions.find((one) => one.occurrenceAt === occurrenceAt);
  if (exception && exception.dueAt === undefined)
    return { rejection: { code: 'occurrence-cancelled' } };
  const hasCome = (planned?.dueAt ?? usualDueAt(schedule, occurrenceAt)) <= at;
  const isDecided = !planned && occurrenceAt <= schedule.decidedUntil;
  if (hasCome || isDecided) return { rejection: { code: 'occurrence-passed' } };
  return schedule.exceptions.length >= MAX_EXCEPTIONS && !planned
    ? { rejection: { code: 'too-many-changes', max: MAX_EXCEPTIONS } }
    : { planned };
};

export const decideMove = (command: MoveOccurrence, state: ScheduleState): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  if (state.status === 'paused' || state.status === 'stopped')
    return reject({ code: 'schedule-paused' });
  const { at, occurrenceAt, dueAt, calendar, jobIds, note } = command;
  const found = find(state, calendar, occurrenceAt, at);
  if ('rejection' in found) return reject(found.rejection);
  if (dueAt < at - DUE_GRACE_MS) return reject({ code: 'due-in-past' });
  if (dueAt > furthestDueAt(at)) return reject({ code: 'due-too-far' });
  const nextDueAt = Math.max(at, dueAt);
  if (found.planned?.dueAt === nextDueAt) return accept();
  return accept({
    type: 'OccurrenceMoved',
    data: {
      occurrenceAt: toTimestamp(occurrenceAt),
      dueAt: toTimestamp(nextDueAt),
      jobId: found.planned?.jobId ?? jobIds(occurrenceAt, state.revision + 1n),
      ...withNote(note),
    },
  });
};

export const decideCancelOccurrence = (
  { at, occurrenceAt, calendar, note }: CancelOccurrence,
  state: ScheduleState,
): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  if (state.status === 'stopped') return reject({ code: 'schedule-paused' });
  const found = find(state, calendar, occurrenceAt, at);
  if ('rejection' in found)
    return found.rejection.code === 'occurrence-cancelled' ? accept() : reject(found.rejection);
  return accept({
    type: 'OccurrenceCancelled',
    data: {
      occurrenceAt: toTimestamp(occurrenceAt),
      ...(found.planned && { jobId: found.planned.jobId }),
      ...withNote(note),
    },
  });
};

/** Also while it is paused: whoever asks for a run gets one. */
export const decideTrigger = (
  { at, jobIds, note }: TriggerSchedule,
  state: ScheduleState,
): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  return accept({
    type: 'ScheduleTriggered',
    data: { dueAt: toTimestamp(at), jobId: jobIds(at, state.revision + 1n), ...withNote(note) },
  });
};

export const decideBackfill = (
  { at, from, to, calendar, jobIds }: BackfillSchedule,
  state: ScheduleState,
): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  if (to > at) return reject({ code: 'backfill-in-future' });
  const { count, newest } = calendar.between(from - 1, to, MAX_BACKFILLED);
  if (count === 0) return reject({ code: 'nothing-to-backfill' });
  if (count > MAX_BACKFILLED)
    return reject({ code: 'backfill-too-large', count, max: MAX_BACKFILLED });
  const revision = state.revision + 1n;
  return accept({
    type: 'OccurrencesBackfilled',
    data: {
      from: toTimestamp(from),
      to: toTimestamp(to),
      dueAt: toTimestamp(at),
      tzdata: calendar.tzdata,
      occurrences: newest.map((occurrenceAt) => ({
        occurrenceAt: toTimestamp(occurrenceAt),
        jobId: jobIds(occurrenceAt, revision),
      })),
    },
  });
};
