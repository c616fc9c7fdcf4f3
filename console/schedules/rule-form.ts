import type { Schedule } from '../http/answers';
import { toField } from '../time/zones';
import { repeatsOf } from './read-repeats';
import { hasTimeOfDay, sentenceOf, writtenOf, type Repeats, type Timing } from './repeats';
import { timingText } from './timing';

export const KINDS = [
  { value: 'repeats', label: 'Repeats' },
  { value: 'cron', label: 'Cron' },
  { value: 'every', label: 'Every so often' },
  { value: 'rrule', label: 'Calendar rule' },
] as const;
export type Kind = (typeof KINDS)[number]['value'];

export type RuleForm = {
  readonly kind: Kind;
  readonly repeats: Repeats;
  readonly cron: string;
  readonly every: string;
  readonly rrule: string;
  readonly timeZone: string;
  /** What there was before, which may be written in another way than the choices would. */
  readonly begun?: { readonly repeats: Repeats; readonly timing: Timing };
};

/** Before anybody has chosen: a time that clocks leave out once a year, and show twice once. */
export const newRule = (timeZone: string, now: number): RuleForm => ({
  kind: 'repeats',
  repeats: {
    frequency: 'weekly',
    every: '1',
    time: '02:30',
    from: toField(now, timeZone).slice(0, 10),
    weekdays: [1, 2, 3, 4, 5],
    monthDay: '1',
    place: '1',
    placed: 1,
  },
  cron: '30 2 * * 1-5',
  every: 'R/2026-01-01T00:00:00/PT90M',
  rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2',
  timeZone,
});

/** A rule that there is: as choices where those can say it, else as it was written. */
export const ruleFormOf = (
  { timing, timeZone }: Pick<Schedule, 'timing' | 'timeZone'>,
  now: number,
): RuleForm => {
  const { cron, every, rrule } = timing;
  const usual = newRule(timeZone, now);
  const form = {
    ...usual,
    ...(cron !== undefined && { kind: 'cron' as const, cron }),
    ...(every !== undefined && { kind: 'every' as const, every }),
    ...(rrule !== undefined && { kind: 'rrule' as const, rrule }),
  };
  const repeats = repeatsOf(timing, usual.repeats);
  return repeats ? { ...form, kind: 'repeats', repeats, begun: { repeats, timing } } : form;
};

/** As it is sent. What was not changed goes as it was written: another text would be another rule. */
export const timingOf = ({ kind, repeats, begun, ...texts }: RuleForm): Timing => {
  switch (kind) {
    case 'repeats': {
      const written = writtenOf(repeats);
      const isAsBegun = begun && timingText(writtenOf(begun.repeats)) === timingText(written);
      return isAsBegun ? begun.timing : written;
    }
    case 'cron':
      return { cron: texts.cron };
    case 'every':
      return { every: texts.every };
    case 'rrule':
      return { rrule: texts.rrule };
  }
};

/** The same rule by other means: choices go on as text, and a text as choices where those can say it. */
export const asKind = (form: RuleForm, kind: Kind): RuleForm => {
  if (kind !== 'repeats') return { ...form, ...(form.kind === 'repeats' && timingOf(form)), kind };
  return { ...form, kind, repeats: repeatsOf(timingOf(form), form.repeats) ?? form.repeats };
};

/** The rule as the title of the page. */
export const titleOf = (form: RuleForm): string => {
  if (form.kind === 'repeats') return sentenceOf(form.repeats);
  const text = form[form.kind].trim().split('\n').at(-1) ?? '';
  return text === '' ? 'A schedule' : text;
};

/** Whether another minute can be put into the rule for those who choose one. */
export const hasTime = ({ kind, repeats }: RuleForm): boolean =>
  kind === 'repeats' && hasTimeOfDay(repeats);

/** The rule at the time of day of an instant. */
export const withTime = (rule: RuleForm, dueAt: string): RuleForm => {
  const time = toField(Date.parse(dueAt), rule.timeZone).slice(11, 16);
  return { ...rule, repeats: { ...rule.repeats, time } };
};
