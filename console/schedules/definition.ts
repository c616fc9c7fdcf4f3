import type { Schedule } from '../http/answers';
import { bodyOf, emptyTemplate, templateOf, type Template } from '../jobs/template';
import { clockChangeOf, policiesOf, usualPolicies, whenMissedOf, type Policies } from './policies';
import { newRule, ruleFormOf, timingOf, type RuleForm } from './rule-form';
import { timingText } from './timing';

/** A schedule, as the fields of a form have it. */
export type ScheduleFields = {
  readonly name: string;
  readonly rule: RuleForm;
  readonly policies: Policies;
  readonly template: Template;
};

/** As the API takes it. */
export type Definition = Pick<
  Schedule,
  | 'name'
  | 'timing'
  | 'timeZone'
  | 'clockChange'
  | 'monthEnd'
  | 'exclude'
  | 'startAt'
  | 'endAt'
  | 'maxCount'
  | 'spreadMs'
  | 'whenMissed'
  | 'whenStillRunning'
  | 'job'
>;

const FIELDS = [
  'name',
  'timing',
  'timeZone',
  'clockChange',
  'monthEnd',
  'exclude',
  'startAt',
  'endAt',
  'maxCount',
  'spreadMs',
  'whenMissed',
  'whenStillRunning',
  'job',
] as const satisfies readonly (keyof Definition)[];

export const emptySchedule = (zone: string): ScheduleFields => ({
  name: '',
  rule: newRule(zone, Date.now()),
  policies: usualPolicies,
  template: emptyTemplate,
});

export const fieldsOf = (schedule: Schedule): ScheduleFields => {
  const { location, queue, tags, timeoutMs, retry, payload } = schedule.job;
  return {
    name: schedule.name,
    rule: ruleFormOf(schedule, Date.now()),
    policies: policiesOf(schedule),
    template: templateOf({
      location,
      queue: queue ?? emptyTemplate.queue,
      tags: tags ?? [],
      timeoutMs: timeoutMs ?? Number(emptyTemplate.timeoutS) * 1_000,
      retry: { maxAttempts: retry?.maxAttempts ?? Number(emptyTemplate.maxAttempts) },
      ...(payload !== undefined && { payload }),
    }),
  };
};

/** @param kept  a schedule whose other fields stay */
export const definitionOf = (
  { name, rule, policies, template }: ScheduleFields,
  kept?: Schedule,
): Definition => {
  const others = kept
    ? Object.fromEntries(
        FIELDS.filter((field) => field !== 'clockChange').flatMap((field) =>
          kept[field] === undefined ? [] : [[field, kept[field]]],
        ),
      )
    : {};
  const job = bodyOf(template);
  const { payload: _, ...keptJob } = kept?.job ?? {};
  const isMissedKept = kept?.whenMissed?.policy === policies.missed;
  return {
    ...others,
    ...{ name: name.trim(), timing: timingOf(rule), timeZone: rule.timeZone },
    ...clockChangeOf(policies),
    whenStillRunning: policies.whenStillRunning,
    ...(!isMissedKept && { whenMissed: whenMissedOf(policies) }),
    job: { ...keptJob, ...job, retry: { ...kept?.job.retry, ...job.retry } },
  };
};

const WORDS: Readonly<Record<keyof Definition, string>> = {
  name: 'its name',
  timing: 'its rule',
  timeZone: 'its zone',
  clockChange: 'what it does when clocks change',
  monthEnd: 'what it does in short months',
  exclude: 'its excluded days',
  startAt: 'its start',
  endAt: 'its end',
  maxCount: 'how often it runs',
  spreadMs: 'its spread',
  whenMissed: 'what becomes of missed runs',
  whenStillRunning: 'what becomes of runs that meet another',
  job: 'what runs',
};

/** In one order, so that equal ones have equal texts. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  ) ?? '';

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** What somebody has changed meanwhile, in words; undefined when it is nothing that a person changes. */
export const changedMeanwhile = (begun: Schedule, now: Schedule): string | undefined => {
  const fields = FIELDS.filter((field) => textOf(begun[field]) !== textOf(now[field]));
  const words = fields.map((field) => {
    if (field === 'name') return `its name, to “${now.name}”`;
    return field === 'timing' ? `its rule, to ${timingText(now.timing)}` : WORDS[field];
  });
  if (begun.status !== now.status) words.push(`its status, to ${now.status}`);
  return words.length === 0 ? undefined : list.format(words);
};
