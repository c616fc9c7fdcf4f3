import type { AskedDefinition } from '../../../commands/schedules/schedule-commands';
import { timingOf } from '../../../domain/schedule/calendars';
import type { Rule, Timing, WhenMissed } from '../../../domain/schedule/definition';
import type { ZoneTables } from '../../../domain/schedule/timing/calendar/zone';
import { compileTiming, type CompiledTiming } from '../../../domain/schedule/timing/compile';
import { normalised } from '../../../domain/text';
import { toTimestamp, type Instant } from '../../../domain/time';
import type { LocationRules } from '../../access/limits';
import type { LoopShare } from '../../access/loop-share';
import { RETRY_AFTER } from '../../http/failures';
import { bodyRefusal, refuse, type FieldError, type Parsed } from '../../http/problem';
import type { Call } from '../../http/route';
import type { RecurringBody, RuleBody } from '../../schemas/schedule-requests';
import { instantOf, nameErrors, templateOf } from '../jobs/request';

const DEFAULT_AFTER_MS = 60_000;

const invalid = (pointer: string, reason: string): Parsed<never> => ({
  refusal: bodyRefusal([{ pointer, code: 'timing-invalid', reason }]),
});

const timingIn = ({ cron, rrule, every }: RuleBody['timing']): Parsed<Timing> => {
  const given = [
    ...(cron === undefined ? [] : [{ cron }]),
    ...(rrule === undefined ? [] : [{ rrule }]),
    ...(every === undefined ? [] : [{ every }]),
  ];
  const [timing, more] = given;
  return timing && !more
    ? { value: timing }
    : invalid('/timing', 'it has not exactly one of cron, rrule and every');
};

const written = (timestamp: string): string => toTimestamp(instantOf(timestamp));

const isSaid = (value: object | undefined): value is object =>
  value !== undefined && Object.keys(value).length > 0;

/** The rule of a body that fits its schema; what says the same is the same. */
const ruleIn = (body: RuleBody): Parsed<Rule> => {
  const timing = timingIn(body.timing);
  if ('refusal' in timing) return timing;
  const { timeZone, clockChange, monthEnd, exclude = [], startAt, endAt, maxCount } = body;
  return {
    value: {
      timing: timing.value,
      timeZone,
      ...(isSaid(clockChange) && { clockChange }),
      ...(monthEnd !== undefined && { monthEnd }),
      ...(exclude.length > 0 && { exclude }),
      ...(typeof startAt === 'string' && { startAt: written(startAt) }),
      ...(typeof endAt === 'string' && { endAt: written(endAt) }),
      ...(typeof maxCount === 'number' && { maxCount }),
    },
  };
};

const inOrder = ({ exclude, ...rule }: Rule): Rule =>
  exclude ? { ...rule, exclude: [...new Set(exclude)].sort() } : rule;

/** What is read of a rule at all, as far as the principal's share of the time allows. */
export const sharing = <T>(
  share: LoopShare,
  { principal }: Pick<Call, 'principal'>,
  read: () => Parsed<T>,
): Parsed<T> =>
  share(principal.id, read)?.value ?? refuse('rate-limited', { headers: RETRY_AFTER });

/**
 * A rule as it is recorded, and compiled.
 *
 * @param since  occurrences are counted from here, and without any after it the rule is refused
 */
export const compiledRule = (
  body: RuleBody,
  zones: ZoneTables,
  since: Instant,
): Parsed<{ readonly rule: Rule; readonly timing: CompiledTiming }> => {
  const rule = ruleIn(body);
  if ('refusal' in rule) return rule;
  const outcome = compileTiming(timingOf(rule.value), zones, since);
  if (outcome.outcome === 'compiled')
    return { value: { rule: inOrder(rule.value), timing: outcome.timing } };
  const { code, problems } = outcome;
  const errors = problems.map(({ pointer, reason }): FieldError => ({ pointer, code, reason }));
  return { refusal: { code, errors } };
};

/** The rule that a body asks for, also when it never comes. */
export const ruleOf = (body: RuleBody): Rule | undefined => {
  const rule = ruleIn(body);
  return 'value' in rule ? inOrder(rule.value) : undefined;
};

const whenMissedOf = ({
  policy,
  afterMs,
  limit,
}: NonNullable<RecurringBody['whenMissed']>): Parsed<WhenMissed> => {
  const wrong = (name: 'afterMs' | 'limit', code: 'unknown-property' | 'invalid-body') => ({
    refusal: bodyRefusal([{ pointer: `/whenMissed/${name}`, code }]),
  });
  if (policy !== 'skip' && afterMs !== undefined) return wrong('afterMs', 'unknown-property');
  if (policy !== 'fire-all' && limit !== undefined) return wrong('limit', 'unknown-property');
  switch (policy) {
    case 'skip':
      return { value: { policy, afterMs: afterMs ?? DEFAULT_AFTER_MS } };
    case 'fire-once':
      return { value: { policy } };
    case 'fire-all':
      return limit === undefined ? wrong('limit', 'invalid-body') : { value: { policy, limit } };
  }
};

/** All of a body but its rule, which is compiled apart. */
export const definitionOf = (
  body: RecurringBody,
  rule: Rule,
  rules: LocationRules,
): Parsed<AskedDefinition> => {
  const name = normalised(body.name);
  const { template, errors } = templateOf(body.job, rules, '/job');
  const all = [...nameErrors(name, ''), ...errors];
  if (all.length > 0) return { refusal: bodyRefusal(all) };
  const whenMissed = whenMissedOf(body.whenMissed ?? { policy: 'fire-once' });
  if ('refusal' in whenMissed) return whenMissed;
  return {
    value: {
      name,
      rule,
      spreadMs: body.spreadMs ?? 0,
      whenMissed: whenMissed.value,
      whenStillRunning: body.whenStillRunning ?? 'allow',
      job: template,
    },
  };
};
