import { digestOf } from '../../audit/digest';
import { because, quoted, utc, who, word } from '../../audit/phrases';
import {
  anything,
  isCount,
  isObject,
  isText,
  optional,
  type FieldCheck,
  type Fields,
} from '../../events/fields';
import type { Instant } from '../../time';
import type { ScheduleDefinition, Timing } from '../definition';
import { comeUntil, known, tidied, withdrawn, type KnownSchedule } from '../state';
import { living, scheduleEvent, type ScheduleTrace } from './kind';

const hasTexts =
  (...names: readonly string[]): FieldCheck =>
  (value) =>
    isObject(value) && names.every((name) => isText(value[name]));

const definition: Fields<ScheduleDefinition> = {
  ownerId: isText,
  name: isText,
  rule: (value) => isObject(value) && isObject(value['timing']) && isText(value['timeZone']),
  spreadMs: isCount,
  whenMissed: hasTexts('policy'),
  whenStillRunning: isText,
  job: hasTexts('location', 'queue'),
};

const textOf = (timing: Timing): string => {
  if ('cron' in timing) return `cron ${quoted(timing.cron)}`;
  if ('rrule' in timing) return `rule ${quoted(timing.rrule)}`;
  return `interval ${quoted(timing.every)}`;
};

const ruleText = ({ rule }: ScheduleDefinition): string =>
  `${textOf(rule.timing)} in ${word(rule.timeZone)}`;

const noted = (note: string | undefined): Pick<KnownSchedule, 'note'> =>
  note === undefined ? {} : { note };

const isMissedInPause = (dueAt: number | undefined, at: number): boolean =>
  dueAt !== undefined && dueAt <= at;

type Defined = ScheduleDefinition & {
  /** By how much its runs start later, from 0 to `spreadMs`. */
  readonly offsetMs: number;
};
type Noted = { readonly note?: string };

/** What verify remembers of a definition. */
const define = (schedule: ScheduleTrace, definition: ScheduleDefinition): void => {
  schedule.mayOverlap = definition.whenStillRunning === 'allow';
  schedule.definition = digestOf(JSON.stringify(definition));
};

/** As `withdrawn` does in the state. */
const takeBack = (schedule: ScheduleTrace, at: Instant): void => {
  schedule.cameUntil = Math.max(schedule.cameUntil, comeUntil(schedule, at));
  schedule.decidedUntil = Math.min(schedule.decidedUntil, schedule.cameUntil);
};

// The type names and the fields of all kinds are the storage format: never renamed, never removed.

/** Events that say what recurs, and whether. */
export const defining = {
  ScheduleCreated: scheduleEvent<Defined>({
    fields: { ...definition, offsetMs: isCount },
    lawfulIn: ['none'],
    evolve: (_state, { at, revision, data: { offsetMs, ...definition } }) => ({
      status: 'active',
      definition,
      offsetMs,
      revision,
      createdAt: at,
      ruleSince: at,
      decidedUntil: comeUntil({ offsetMs }, at),
      cameUntil: comeUntil({ offsetMs }, at),
      ahead: [],
      exceptions: [],
    }),
    trace: (schedule, { at, data: { offsetMs, ...definition } }) => {
      schedule.status = 'active';
      schedule.createdAt = at;
      schedule.ruleSince = at;
      schedule.decidedUntil = schedule.cameUntil = comeUntil({ offsetMs }, at);
      schedule.offsetMs = offsetMs;
      define(schedule, definition);
    },
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} created ${quoted(data.name)}: ${ruleText(data)}`,
  }),

  ScheduleChanged: scheduleEvent<
    Defined & {
      /** `unstarted`: all that have not started; `ahead`: those that are not due yet. The rule's instants stay the same. */
      readonly withdraws: 'unstarted' | 'ahead';
    }
  >({
    fields: { ...definition, offsetMs: isCount, withdraws: isText },
    lawfulIn: living,
    evolve: (state, fact) => {
      const { offsetMs, withdraws, ...definition } = fact.data;
      const { note: _note, ...before } = withdrawn(known(state, fact), fact.at);
      const isPaused = before.status === 'paused';
      return {
        ...before,
        status: isPaused ? 'paused' : 'active',
        definition,
        offsetMs,
        revision: fact.revision,
        ...(withdraws === 'unstarted' && {
          decidedUntil: comeUntil({ offsetMs }, fact.at),
          cameUntil: comeUntil({ offsetMs }, fact.at),
          ruleSince: fact.at,
          exceptions: [],
        }),
      };
    },
    trace: (schedule, { at, data: { offsetMs, withdraws, ...definition } }) => {
      if (schedule.status !== 'paused') schedule.status = 'active';
      if (withdraws === 'unstarted') schedule.ruleSince = at;
      if (withdraws === 'unstarted')
        schedule.decidedUntil = schedule.cameUntil = comeUntil({ offsetMs }, at);
      else takeBack(schedule, at);
      schedule.offsetMs = offsetMs;
      define(schedule, definition);
    },
    rules: [],
    tell: ({ data, metadata }) => {
      const what =
        data.withdraws === 'unstarted'
          ? `to ${ruleText(data)}; runs that had not started are withdrawn`
          : 'but not when it runs; runs that are not due yet are planned again';
      return `${who(metadata.actor)} changed it, ${what}`;
    },
  }),

  SchedulePaused: scheduleEvent<Noted>({
    fields: { note: optional(isText) },
    lawfulIn: ['active', 'completed', 'stopped'],
    evolve: (state, fact) => {
      const { note: _note, ...before } = withdrawn(known(state, fact), fact.at);
      return { ...before, status: 'paused', revision: fact.revision, ...noted(fact.data.note) };
    },
    trace: (schedule, { at }) => {
      schedule.status = 'paused';
      takeBack(schedule, at);
    },
    rules: [],
    tell: ({ data, metadata }) => `${who(metadata.actor)} paused it${because(data.note)}`,
  }),

  ScheduleResumed: scheduleEvent<Noted>({
    fields: { note: optional(isText) },
    lawfulIn: ['paused'],
    evolve: (state, fact) => {
      const { note: _note, ...before } = known(state, fact);
      return {
        ...before,
        status: 'active',
        revision: fact.revision,
        exceptions: before.exceptions.map(({ occurrenceAt, dueAt }) =>
          dueAt === undefined || isMissedInPause(dueAt, fact.at)
            ? { occurrenceAt }
            : { occurrenceAt, dueAt },
        ),
      };
    },
    trace: (schedule) => {
      schedule.status = 'active';
    },
    rules: [],
    tell: ({ data, metadata }) => `${who(metadata.actor)} resumed it${because(data.note)}`,
  }),

  ScheduleDeleted: scheduleEvent<Noted>({
    fields: { note: optional(isText) },
    lawfulIn: living,
    evolve: (state, fact) => ({
      ...withdrawn(known(state, fact), fact.at),
      status: 'deleted',
      revision: fact.revision,
      exceptions: [],
    }),
    trace: (schedule, { at }) => {
      schedule.status = 'deleted';
      takeBack(schedule, at);
    },
    rules: [],
    tell: ({ data, metadata }) => `${who(metadata.actor)} deleted it${because(data.note)}`,
  }),

  ScheduleCompleted: scheduleEvent<{ readonly tzdata: string }>({
    fields: { tzdata: isText },
    lawfulIn: ['active'],
    evolve: (state, fact) => ({
      ...tidied(known(state, fact), fact.at),
      status: 'completed',
      revision: fact.revision,
    }),
    trace: (schedule) => {
      schedule.status = 'completed';
    },
    rules: [],
    tell: ({ at }) => `its rule has no occurrence left, as seen at ${utc(at)}`,
  }),

  ScheduleStopped: scheduleEvent<{ readonly problem: string }>({
    fields: { problem: anything },
    lawfulIn: ['active'],
    evolve: (state, fact) => ({
      ...known(state, fact),
      status: 'stopped',
      revision: fact.revision,
      note: String(fact.data.problem),
    }),
    trace: (schedule) => {
      schedule.status = 'stopped';
    },
    rules: [],
    tell: ({ data }) => `it stopped: ${String(data.problem)}; a change of its rule goes on`,
  }),
};
