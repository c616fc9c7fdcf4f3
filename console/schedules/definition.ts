import type { Schedule } from '../http/answers';
import { bodyOf, emptyTemplate, payloadProblem, templateOf, type Template } from '../jobs/template';
import { serverNow } from '../time/clock';
import { boundedBy, boundsOf, noBounds, timeProblem, type Bounds } from './bounds';
import { clockChangeOf, policiesOf, usualPolicies, whenMissedOf, type Policies } from './policies';
import { newRule, ruleFormOf, timingOf, type RuleForm } from './rule-form';
import { timingText } from './timing';

/** A schedule, as the fields of a form have it. */
export type ScheduleFields = {
  readonly name: string;
  readonly rule: RuleForm;
  readonly bounds: Bounds;
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
  rule: newRule(zone, serverNow()),
  bounds: noBounds,
  policies: usualPolicies,
  template: emptyTemplate,
});

export const fieldsOf = (schedule: Schedule): ScheduleFields => {
  const { location, queue, tags, timeoutMs, retry, payload } = schedule.job;
  return {
    name: schedule.name,
    rule: ruleFormOf(schedule, serverNow()),
    bounds: boundsOf(schedule),
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

/** Whether it can be sent as far as is seen here. */
export const isSound = ({ name, rule, bounds, template }: ScheduleFields): boolean =>
  name.trim() !== '' &&
  payloadProblem(template) === undefined &&
  [bounds.start, bounds.end].every((text) => timeProblem(text, rule.timeZone) === undefined);

/** @param kept  a schedule: what its fields do not ask for, and what was not changed in them, stays */
export const definitionOf = (
  { name, rule, bounds, policies, template }: ScheduleFields,
  kept?: Schedule,
): Definition => {
  const job = bodyOf(template);
  const { payload: _, ...keptJob } = kept?.job ?? {};
  const missed = kept?.whenMissed;
  return {
    ...{ name: name.trim(), timing: timingOf(rule), timeZone: rule.timeZone },
    ...boundedBy(bounds, rule.timeZone, kept),
    ...clockChangeOf(policies),
    whenStillRunning: policies.whenStillRunning,
    whenMissed: missed?.policy === policies.missed ? missed : whenMissedOf(policies),
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
