import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../access/limits';
import { askedTimestamp, nameText, templateProperties, visibleText } from './job-requests';
import { oneOf, optionalInteger, strict } from './parts';

const { schedules } = LIMITS;

const note = Type.Optional(visibleText(LIMITS.reasonLength, 'For the history.'));

/** Null is as good as nothing, as in the answers of other schedulers. */
const orNull = <T extends object>(schema: T): T & { type: readonly [string, 'null'] } =>
  ({ ...schema, type: [(schema as { type: string }).type, 'null'] }) as never; // the same schema, which also takes null

const timestampOrNull = Type.Optional(Type.Unsafe<string | null>(orNull(askedTimestamp)));

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ maxLength, description }));

const timing = Type.Object(
  {
    cron: text(schedules.cronLength, 'Five fields, or six with seconds in front.'),
    rrule: text(schedules.rruleLength, 'The lines DTSTART, RRULE, RDATE, EXDATE of RFC 5545.'),
    every: text(schedules.everyLength, '`R/anchor/duration`, the anchor a wall time.'),
  },
  { ...strict, description: 'Exactly one of them.' },
);

const ruleProperties = {
  timing,
  timeZone: Type.String({
    maxLength: schedules.timeZoneLength,
    description: 'A name of the IANA database, such as `Europe/Berlin`.',
  }),
  clockChange: Type.Optional(
    Type.Object(
      {
        gap: Type.Optional(oneOf(['shift', 'gap-end', 'skip'])),
        overlap: Type.Optional(oneOf(['first', 'second', 'both'])),
      },
      { ...strict, description: 'Where clocks are changed; the default is read from the hours.' },
    ),
  ),
  monthEnd: Type.Optional(
    oneOf(['skip', 'last'], { description: 'A day that a month does not have.' }),
  ),
  exclude: Type.Optional(
    Type.Array(Type.String({ maxLength: 10 }), {
      maxItems: schedules.excludedDays,
      description: 'Days without occurrences, each as 2026-12-25.',
    }),
  ),
  startAt: timestampOrNull,
  endAt: timestampOrNull,
  maxCount: Type.Optional(
    Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      minimum: 1,
      maximum: schedules.maxCount,
      description: 'How many occurrences there are at most.',
    }),
  ),
};

const whenMissed = Type.Object(
  {
    policy: oneOf(['skip', 'fire-once', 'fire-all']),
    afterMs: optionalInteger(1, LIMITS.maxLatenessMs, {
      default: 60_000,
      description: 'Of `skip`: how late a run may start before it counts as missed.',
    }),
    limit: optionalInteger(1, schedules.fireAll, {
      description: 'Of `fire-all`, and needed there: how many run, the newest ones.',
    }),
  },
  { ...strict, description: 'What becomes of runs whose time passed. Not given: `fire-once`.' },
);

const scheduleProperties = {
  name: nameText,
  ...ruleProperties,
  spreadMs: optionalInteger(0, schedules.spreadMs, {
    default: 0,
    description: 'Runs start up to so much later, always by the same.',
  }),
  whenMissed: Type.Optional(whenMissed),
  whenStillRunning: Type.Optional(
    oneOf(['allow', 'skip', 'buffer-one', 'cancel-other'], { default: 'allow' }),
  ),
  job: Type.Object(templateProperties, { ...strict, description: 'What every run is.' }),
};

export const recurringBody = Type.Object(scheduleProperties, { ...strict, title: 'Schedule' });
export type RecurringBody = Static<typeof recurringBody>;

export type RuleBody = Pick<RecurringBody, keyof typeof ruleProperties>;

export const previewBody = Type.Object(
  {
    ...ruleProperties,
    from: Type.Optional({ ...askedTimestamp, description: 'Exclusive. Not given: now.' }),
    count: optionalInteger(1, schedules.previewed, { default: 5 }),
  },
  { ...strict, title: 'Timing to preview' },
);

export const backfillBody = Type.Object(
  {
    from: { ...askedTimestamp, description: 'Inclusive.' },
    to: { ...askedTimestamp, description: 'Inclusive; not in the future.' },
  },
  strict,
);

export const noteBody = Type.Object({ note }, strict);
export const moveBody = Type.Object({ dueAt: askedTimestamp, note }, strict);
