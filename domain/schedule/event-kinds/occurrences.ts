import { because, dueIn, utc, who, word } from '../../audit/phrases';
import { exactInstant, isCount, isObject, isText, isTime, optional } from '../../events/fields';
import { fromTimestamp, toTimestamp, type Timestamp } from '../../time';
import { isOpen, known, tidied, type KnownSchedule, type Planned } from '../state';
import { living, scheduleEvent, type ScheduleTrace } from './kind';

/** Why occurrences have no run. */
export type SkippedBecause =
  | 'missed'
  | 'still-running'
  | 'paused'
  | 'changed'
  | 'deleted'
  | 'zone-data';

const reasons: Readonly<Record<SkippedBecause, string>> = {
  missed: 'their time had passed before they could be planned',
  'still-running': 'the run before had not ended',
  paused: 'it was paused',
  changed: 'the rule changed before they could be planned',
  deleted: 'it was deleted before they could be planned',
  'zone-data': 'newer zone data has them at another time, for which there is a run already',
};

type One = { readonly occurrenceAt: Timestamp };

const without = <T extends { readonly occurrenceAt: number }>(
  list: readonly T[],
  occurrenceAt: number,
): readonly T[] => list.filter((item) => item.occurrenceAt !== occurrenceAt);

const withPlanned = (schedule: KnownSchedule, planned: Planned): KnownSchedule => ({
  ...schedule,
  ahead: [...without(schedule.ahead, planned.occurrenceAt), planned],
  exceptions: without(schedule.exceptions, planned.occurrenceAt),
});

const later = (
  { decidedUntil }: Readonly<ScheduleTrace>,
  type: string,
  first: Timestamp,
): string | undefined =>
  exactInstant(first) > decidedUntil
    ? undefined
    : `${type} decides ${first}, and all up to ${toTimestamp(decidedUntil)} was decided`;

// The type names and the fields of all kinds are the storage format: never renamed, never removed.

/** Events that say what becomes of single occurrences. */
export const occurrences = {
  OccurrencePlanned: scheduleEvent<
    One & {
      readonly dueAt: Timestamp;
      readonly jobId: string;
      /** Version of the zone data that decided it. */
      readonly tzdata: string;
      /** How late its job may start; absent: as late as the job itself says. */
      readonly maxLatenessMs?: number;
    }
  >({
    fields: {
      occurrenceAt: isTime,
      dueAt: isTime,
      jobId: isText,
      tzdata: isText,
      maxLatenessMs: optional(isCount),
    },
    lawfulIn: ['active'],
    evolve: (state, fact) => {
      const { jobId } = fact.data;
      const occurrenceAt = fromTimestamp(fact.data.occurrenceAt);
      const schedule = known(state, fact);
      const decidedUntil = Math.max(schedule.decidedUntil, occurrenceAt);
      const dueAt = fromTimestamp(fact.data.dueAt);
      return {
        ...withPlanned(tidied({ ...schedule, decidedUntil }, fact.at), {
          occurrenceAt,
          dueAt,
          jobId,
        }),
        lastJobId: jobId,
        revision: fact.revision,
      };
    },
    trace: (schedule, { data }) => {
      schedule.decidedUntil = Math.max(schedule.decidedUntil, exactInstant(data.occurrenceAt));
    },
    rules: [
      {
        name: 'occurrence-order',
        breach: (schedule, { type, data }) => later(schedule, type, data.occurrenceAt),
      },
    ],
    tell: ({ at, data, metadata }) =>
      `${who(metadata.actor)} planned the occurrence ${utc(fromTimestamp(data.occurrenceAt))} as job ${data.jobId}: due ${dueIn(fromTimestamp(data.dueAt), at)}`,
  }),

  OccurrencesSkipped: scheduleEvent<{
    /** The first and the last of them. */
    readonly from: Timestamp;
    readonly to: Timestamp;
    readonly count: number;
    readonly reason: SkippedBecause;
    readonly tzdata: string;
  }>({
    fields: { from: isTime, to: isTime, count: isCount, reason: isText, tzdata: isText },
    lawfulIn: living,
    evolve: (state, fact) => {
      const schedule = known(state, fact);
      const decidedUntil = Math.max(schedule.decidedUntil, fromTimestamp(fact.data.to));
      return { ...tidied({ ...schedule, decidedUntil }, fact.at), revision: fact.revision };
    },
    trace: (schedule, { data }) => {
      schedule.decidedUntil = Math.max(schedule.decidedUntil, exactInstant(data.to));
    },
    rules: [
      {
        name: 'occurrence-order',
        breach: (schedule, { type, data }) => later(schedule, type, data.from),
      },
    ],
    tell: ({ data }) => {
      const what =
        data.count === 1
          ? `the occurrence ${utc(fromTimestamp(data.from))} was skipped`
          : `${data.count} occurrences from ${utc(fromTimestamp(data.from))} to ${utc(fromTimestamp(data.to))} were skipped`;
      return `${what}: ${reasons[data.reason]}`;
    },
  }),

  OccurrenceMoved: scheduleEvent<
    One & { readonly dueAt: Timestamp; readonly jobId: string; readonly note?: string }
  >({
    fields: { occurrenceAt: isTime, dueAt: isTime, jobId: isText, note: optional(isText) },
    lawfulIn: ['active', 'completed'],
    evolve: (state, fact) => ({
      ...withPlanned(known(state, fact), {
        occurrenceAt: fromTimestamp(fact.data.occurrenceAt),
        dueAt: fromTimestamp(fact.data.dueAt),
        jobId: fact.data.jobId,
      }),
      revision: fact.revision,
    }),
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} moved the occurrence ${utc(fromTimestamp(data.occurrenceAt))} to ${utc(fromTimestamp(data.dueAt))}${because(data.note)}`,
  }),

  OccurrenceCancelled: scheduleEvent<
    One & {
      /** Of the job that it had. */
      readonly jobId?: string;
      readonly note?: string;
    }
  >({
    fields: { occurrenceAt: isTime, jobId: optional(isText), note: optional(isText) },
    lawfulIn: ['active', 'completed', 'paused'],
    evolve: (state, fact) => {
      const schedule = known(state, fact);
      const occurrenceAt = fromTimestamp(fact.data.occurrenceAt);
      const others = without(schedule.exceptions, occurrenceAt);
      const isToCome = isOpen(schedule, occurrenceAt, fact.at);
      return {
        ...schedule,
        ahead: without(schedule.ahead, occurrenceAt),
        exceptions: isToCome ? [...others, { occurrenceAt }] : others,
        revision: fact.revision,
      };
    },
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} cancelled the occurrence ${utc(fromTimestamp(data.occurrenceAt))}${because(data.note)}`,
  }),

  ScheduleTriggered: scheduleEvent<{
    readonly dueAt: Timestamp;
    readonly jobId: string;
    readonly note?: string;
  }>({
    fields: { dueAt: isTime, jobId: isText, note: optional(isText) },
    lawfulIn: living,
    evolve: (state, fact) => ({ ...known(state, fact), revision: fact.revision }),
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} triggered a run, job ${word(data.jobId)}${because(data.note)}`,
  }),

  OccurrencesBackfilled: scheduleEvent<{
    readonly from: Timestamp;
    readonly to: Timestamp;
    readonly dueAt: Timestamp;
    readonly tzdata: string;
    /** Oldest first; each is due a millisecond after the one before. */
    readonly occurrences: readonly (One & { readonly jobId: string })[];
  }>({
    fields: {
      from: isTime,
      to: isTime,
      dueAt: isTime,
      tzdata: isText,
      occurrences: (value) =>
        Array.isArray(value) &&
        value.every((one) => isObject(one) && isTime(one['occurrenceAt']) && isText(one['jobId'])),
    },
    lawfulIn: living,
    evolve: (state, fact) => ({ ...known(state, fact), revision: fact.revision }),
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} had the ${data.occurrences.length} occurrences from ${utc(fromTimestamp(data.from))} to ${utc(fromTimestamp(data.to))} run now`,
  }),
};
