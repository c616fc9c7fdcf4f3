import type { Static, TSchema } from '@sinclair/typebox';
import type { CommandContext } from '../../../commands/answers';
import type { ScheduleAnswer } from '../../../commands/schedules/schedule-answers';
import { toTimestamp, type Instant } from '../../../domain/time';
import { LIMITS } from '../../access/limits';
import { instantIn, scheduleIdOf, together } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import { refuse, type Parsed, type Refusal } from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { backfillBody, moveBody, noteBody } from '../../schemas/schedule-requests';
import { validator } from '../../schemas/validation';
import { commandedSchedule, idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { instantOf } from '../jobs/request';
import { scheduleAnswer, schedulePath } from './answers';
import type { SchedulesDeps } from './deps';

/** What is asked for, of which schedule. */
type Asked<Body> = {
  readonly scheduleId: string;
  readonly body: Body;
  readonly context: CommandContext;
  /** Of a command on one occurrence. */
  readonly occurrenceAt: Instant;
};

type CommandRule<Schema extends TSchema> = {
  readonly method?: 'DELETE';
  /** Behind the path of the schedule. */
  readonly verb?: string;
  readonly isOfOccurrence?: true;
  readonly operationId: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly answer: string;
  readonly send: (asked: Asked<Static<Schema>>) => Promise<ScheduleAnswer>;
  /** What its schema cannot see. */
  readonly refusal?: (body: Static<Schema>) => Refusal | undefined;
};

const occurrenceIn = (call: Call, isAsked: boolean): Parsed<Instant> =>
  isAsked ? instantIn(call, 'occurrenceAt') : { value: 0 };

const pathOf = (
  { verb, isOfOccurrence }: { readonly verb?: string; readonly isOfOccurrence?: true },
  of: string,
  at: string,
): string =>
  [of, ...(isOfOccurrence ? ['occurrences', at] : []), ...(verb === undefined ? [] : [verb])].join(
    '/',
  );

const commandRoute = <Schema extends TSchema>(
  deps: SchedulesDeps,
  rule: CommandRule<Schema>,
): Route => {
  const { method = 'POST', operationId, summary, schema, answer, send } = rule;
  const check = validator(schema);
  return {
    method,
    path: pathOf(rule, schedulePath('{scheduleId}'), '{occurrenceAt}'),
    operationId,
    summary,
    roles: JOB_ROLES,
    requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
    body: {
      schema,
      maxBytes: LIMITS.bodyBytes,
      shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
      // nothing in it has to be there: then the whole of it may be left out
      ...(schema['required'] === undefined && { isOptional: true }),
    },
    answers: [commandedSchedule(200, answer)],
    late: 'outcome-unknown',
    handle: async (call) => {
      const of = together({
        scheduleId: scheduleIdOf(call),
        occurrenceAt: occurrenceIn(call, rule.isOfOccurrence === true),
      });
      if ('refusal' in of) return of.refusal;
      const { scheduleId, occurrenceAt } = of.value;
      const path = pathOf(rule, schedulePath(scheduleId), toTimestamp(occurrenceAt));
      const read = together({
        context: commandContext(call, path, { isNew: false }),
        body: check(call.body),
      });
      if ('refusal' in read) return read.refusal;
      const { context, body } = read.value;
      const refusal = rule.refusal?.(body);
      if (refusal) return refusal;
      const asked = { scheduleId, occurrenceAt, body, context };
      return scheduleAnswer(deps, await call.inTime(() => send(asked)));
    },
  };
};

const wrongWindow = ({ from, to }: Static<typeof backfillBody>): Refusal | undefined => {
  const spanMs = instantOf(to) - instantOf(from);
  const isRight = spanMs >= 0 && spanMs <= LIMITS.schedules.backfillSpanMs;
  return isRight
    ? undefined
    : refuse('bad-window', { errors: [{ pointer: '/to', code: 'bad-window' }] }).refusal;
};

export const scheduleCommandRoutes = (deps: SchedulesDeps): readonly Route[] => {
  const { commands } = deps;
  return [
    commandRoute(deps, {
      method: 'DELETE',
      operationId: 'deleteSchedule',
      summary: 'Delete a schedule, for good',
      schema: noteBody,
      answer: 'Nothing of it runs any more but what has started.',
      send: ({ scheduleId, body, context }) => commands.remove(scheduleId, body.note, context),
    }),
    commandRoute(deps, {
      verb: 'pause',
      operationId: 'pauseSchedule',
      summary: 'Let nothing of a schedule run until it is resumed',
      schema: noteBody,
      answer: 'Runs that had not started are withdrawn.',
      send: ({ scheduleId, body, context }) => commands.pause(scheduleId, body.note, context),
    }),
    commandRoute(deps, {
      verb: 'resume',
      operationId: 'resumeSchedule',
      summary: 'Let a paused schedule go on',
      schema: noteBody,
      answer: 'It goes on with what comes next: nothing of the pause runs.',
      send: ({ scheduleId, body, context }) => commands.resume(scheduleId, body.note, context),
    }),
    commandRoute(deps, {
      verb: 'trigger',
      operationId: 'triggerSchedule',
      summary: 'Run it once now, whatever its rule says',
      schema: noteBody,
      answer: '`jobIds` has the job of the run. Also while it is paused.',
      send: ({ scheduleId, body, context }) => commands.trigger(scheduleId, body.note, context),
    }),
    commandRoute(deps, {
      verb: 'backfill',
      operationId: 'backfillSchedule',
      summary: 'Run the occurrences of a window of the past now',
      schema: backfillBody,
      answer: '`jobIds` has their jobs, the oldest occurrence first.',
      refusal: wrongWindow,
      send: ({ scheduleId, body: { from, to }, context }) =>
        commands.backfill(scheduleId, instantOf(from), instantOf(to), context),
    }),
    commandRoute(deps, {
      verb: 'move',
      isOfOccurrence: true,
      operationId: 'moveOccurrence',
      summary: 'Let one occurrence run at another time',
      schema: moveBody,
      answer: 'It is due then; all others stay as they are.',
      send: ({ scheduleId, occurrenceAt, body: { dueAt, note }, context }) =>
        commands.moveOccurrence(scheduleId, occurrenceAt, instantOf(dueAt), note, context),
    }),
    commandRoute(deps, {
      verb: 'cancel',
      isOfOccurrence: true,
      operationId: 'cancelOccurrence',
      summary: 'Let one occurrence not run',
      schema: noteBody,
      answer: 'It never runs; all others stay as they are.',
      send: ({ scheduleId, occurrenceAt, body, context }) =>
        commands.cancelOccurrence(scheduleId, occurrenceAt, body.note, context),
    }),
  ];
};
