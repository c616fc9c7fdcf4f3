import type { CommandContext } from '../../../commands/answers';
import type { ScheduleAnswer } from '../../../commands/schedules/schedule-answers';
import type { AskedDefinition } from '../../../commands/schedules/schedule-commands';
import { isSame } from '../../../domain/json/same';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { LIMITS } from '../../access/limits';
import { isOperator } from '../../access/principal';
import { scheduleIdOf } from '../../http/parameters';
import { commandContext, plainContext } from '../../http/preconditions';
import type { Parsed, Refusal } from '../../http/problem';
import type { BodyRule, Call, Route } from '../../http/route';
import { recurringBody, type RecurringBody } from '../../schemas/schedule-requests';
import { validator } from '../../schemas/validation';
import { commandedSchedule, idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { forbiddenQueue } from '../jobs/schedule';
import { scheduleAnswer, schedulePath } from './answers';
import type { SchedulesDeps } from './deps';
import { compiledRule, definitionOf, ruleOf, sharing } from './request';

const body: BodyRule = {
  schema: recurringBody,
  maxBytes: LIMITS.bodyBytes,
  // the payload of a run may be as deep as that of a job alone
  shape: { freeKeys: { payloadLevel: 2 }, maxLevels: LIMITS.nestingLevels + 1 },
};

const check = validator(recurringBody);

/** The definition that is asked for, of a rule that comes. */
const readDefinition = (
  { zones, clock, rules, share }: SchedulesDeps,
  call: Call,
  asked: RecurringBody,
): Parsed<AskedDefinition> => {
  const compiled = sharing(share, call, () => compiledRule(asked, zones, clock.now()));
  return 'refusal' in compiled ? compiled : definitionOf(asked, compiled.value.rule, rules);
};

const neverFires = ({ code }: Refusal): boolean => code === 'timing-never-fires';

export const createRoute = (deps: SchedulesDeps): Route => {
  const { commands, quota } = deps;

  const createdBefore = (call: Call, context: CommandContext) =>
    call.inTime(() => commands.createdBefore(context), 'event-log-unavailable');

  const create = async (
    call: Call,
    definition: AskedDefinition,
    context: CommandContext,
  ): Promise<ScheduleAnswer | undefined> =>
    quota && !(await quota.take(call.principal.id))
      ? await createdBefore(call, context)
      : await call.inTime(() => commands.create(definition, context));

  return {
    method: 'POST',
    path: '/v1/schedules',
    operationId: 'createSchedule',
    summary: 'Have a job run again and again',
    roles: JOB_ROLES,
    requestHeaders: [idempotencyKeyHeader],
    body,
    answers: [commandedSchedule(201, 'The schedule is in the log: nothing loses it.')],
    late: 'outcome-unknown',
    handle: async (call) => {
      const context = commandContext(call, call.path, { isNew: true });
      if ('refusal' in context) return context.refusal;
      const asked = check(call.body);
      if ('refusal' in asked) return asked.refusal;
      const definition = readDefinition(deps, call, asked.value);
      if ('refusal' in definition) {
        // what came when the key was first used may have passed by now
        const earlier = neverFires(definition.refusal)
          ? await createdBefore(call, context.value)
          : undefined;
        return earlier ? scheduleAnswer(deps, earlier, 201) : definition.refusal;
      }
      const { queue } = definition.value.job;
      const forbidden = forbiddenQueue(deps, call.principal.id, queue, '/job');
      if (forbidden) return forbidden;
      const answer = await create(call, definition.value, context.value);
      return answer ? scheduleAnswer(deps, answer, 201) : { code: 'schedule-quota-exceeded' };
    },
  };
};

export const changeRoute = (deps: SchedulesDeps): Route => {
  const { commands, rules } = deps;

  const stateOf = async (call: Call, scheduleId: string): Promise<KnownSchedule | undefined> => {
    const state = await call.inTime(
      () => commands.load(scheduleId, plainContext(call)),
      'event-log-unavailable',
    );
    return state.status === 'none' ? undefined : state;
  };

  /** A rule that has come to its end is no reason to refuse what else changes. */
  const withOldRule = async (
    call: Call,
    scheduleId: string,
    asked: RecurringBody,
    refusal: Refusal,
  ): Promise<Parsed<AskedDefinition>> => {
    const rule = neverFires(refusal) ? ruleOf(asked) : undefined;
    const now = rule && (await stateOf(call, scheduleId));
    return rule && now && isSame(now.definition.rule, rule)
      ? definitionOf(asked, rule, rules)
      : { refusal };
  };

  /** An operator changes a schedule, not whose it is. */
  const ownerOf = async (call: Call, scheduleId: string): Promise<string> =>
    isOperator(call.principal)
      ? ((await stateOf(call, scheduleId))?.definition.ownerId ?? call.principal.id)
      : call.principal.id;

  return {
    method: 'PUT',
    path: '/v1/schedules/{scheduleId}',
    operationId: 'changeSchedule',
    summary: 'Replace the definition of a schedule',
    roles: JOB_ROLES,
    requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
    body,
    answers: [
      commandedSchedule(
        200,
        'The schedule as it is now. An equal definition writes nothing; another rule counts from now and withdraws runs that have not started.',
      ),
    ],
    late: 'outcome-unknown',
    handle: async (call) => {
      const id = scheduleIdOf(call);
      if ('refusal' in id) return id.refusal;
      const scheduleId = id.value;
      const context = commandContext(call, schedulePath(scheduleId), { isNew: false });
      if ('refusal' in context) return context.refusal;
      const asked = check(call.body);
      if ('refusal' in asked) return asked.refusal;
      const read = readDefinition(deps, call, asked.value);
      const definition =
        'refusal' in read ? await withOldRule(call, scheduleId, asked.value, read.refusal) : read;
      if ('refusal' in definition) return definition.refusal;
      const ownerId = await ownerOf(call, scheduleId);
      const forbidden = forbiddenQueue(deps, ownerId, definition.value.job.queue, '/job');
      if (forbidden) return forbidden;
      const sent = await call.inTime(() =>
        commands.change(scheduleId, definition.value, context.value),
      );
      return scheduleAnswer(deps, sent);
    },
  };
};
