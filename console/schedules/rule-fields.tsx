import { NativeSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { Choices } from '../frame/choices';
import type { Schedule } from '../http/answers';
import { zones } from '../time/zones';
import { cronOf, FREQUENCIES, sentenceOf, WEEKDAYS, type Frequency, type Repeats } from './timing';

export const KINDS = [
  { value: 'repeats', label: 'Repeats' },
  { value: 'cron', label: 'Cron' },
  { value: 'every', label: 'Every so often' },
  { value: 'rrule', label: 'Calendar rule' },
] as const;

export type RuleForm = {
  readonly kind: (typeof KINDS)[number]['value'];
  readonly repeats: Repeats;
  readonly cron: string;
  readonly every: string;
  readonly rrule: string;
  readonly timeZone: string;
};

/** Before anybody has chosen: a time that clocks leave out once a year, and show twice once. */
export const newRule = (timeZone: string): RuleForm => ({
  kind: 'repeats',
  repeats: { frequency: 'weekday', time: '02:30', everyMinutes: '5', weekday: '1', monthDay: '1' },
  cron: '30 2 * * 1-5',
  every: 'R/2026-01-01T00:00:00/PT90M',
  rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2',
  timeZone,
});

/** A rule that there is, as it was written. */
export const ruleFormOf = ({
  timing: { cron, every, rrule },
  timeZone,
}: Pick<Schedule, 'timing' | 'timeZone'>): RuleForm => {
  const form = newRule(timeZone);
  if (cron !== undefined) return { ...form, kind: 'cron', cron };
  if (every !== undefined) return { ...form, kind: 'every', every };
  return { ...form, kind: 'rrule', rrule: rrule ?? '' };
};

export const timingOf = ({ kind, repeats, cron, every, rrule }: RuleForm) => {
  switch (kind) {
    case 'repeats':
      return { cron: cronOf(repeats) };
    case 'cron':
      return { cron };
    case 'every':
      return { every };
    case 'rrule':
      return { rrule };
  }
};

/** The rule as the title of the page. */
export const titleOf = (form: RuleForm): string => {
  if (form.kind === 'repeats') return sentenceOf(form.repeats);
  const text = form[form.kind].trim().split('\n').at(-1) ?? '';
  return text === '' ? 'A schedule' : text;
};

type FieldsProps = {
  readonly form: RuleForm;
  readonly onChange: (change: Partial<RuleForm>) => void;
};

const RepeatsFields = ({ form, onChange }: FieldsProps) => {
  const { repeats } = form;
  const set = (change: Partial<Repeats>): void => onChange({ repeats: { ...repeats, ...change } });
  const { frequency } = repeats;
  return (
    <div>
      <div className="fields">
        <NativeSelect
          label="How often"
          data={[...FREQUENCIES]}
          value={frequency}
          onChange={({ currentTarget }) => set({ frequency: currentTarget.value as Frequency })}
        />
        {frequency === 'minutes' && (
          <NativeSelect
            label="Minutes"
            data={['1', '2', '5', '10', '15', '20', '30']}
            value={repeats.everyMinutes}
            onChange={({ currentTarget }) => set({ everyMinutes: currentTarget.value })}
          />
        )}
        {frequency === 'weekly' && (
          <NativeSelect
            label="On"
            data={WEEKDAYS.map((label, index) => ({ label, value: String(index + 1) }))}
            value={repeats.weekday}
            onChange={({ currentTarget }) => set({ weekday: currentTarget.value })}
          />
        )}
        {frequency === 'monthly' && (
          <NativeSelect
            label="On day"
            data={[
              ...Array.from({ length: 31 }, (_, at) => String(at + 1)),
              { label: 'the last', value: 'L' },
            ]}
            value={repeats.monthDay}
            onChange={({ currentTarget }) => set({ monthDay: currentTarget.value })}
          />
        )}
        {frequency !== 'minutes' && (
          <TextInput
            label={frequency === 'hourly' ? 'At minute of' : 'At'}
            type="time"
            value={repeats.time}
            required
            onChange={({ currentTarget }) => set({ time: currentTarget.value || '00:00' })}
          />
        )}
      </div>
      <p className="hint">
        <code>{cronOf(repeats)}</code>
      </p>
    </div>
  );
};

/** When it runs. */
export const RuleFields = ({ form, onChange }: FieldsProps) => {
  const names = useMemo(() => [...new Set([form.timeZone, ...zones()])], [form.timeZone]);
  return (
    <>
      <Choices
        label="When"
        options={KINDS}
        value={form.kind}
        onChange={(kind) =>
          // what was put together goes on as text
          onChange({
            kind,
            ...(kind === 'cron' && form.kind === 'repeats' && { cron: cronOf(form.repeats) }),
          })
        }
      />
      {form.kind === 'repeats' && <RepeatsFields form={form} onChange={onChange} />}
      {form.kind === 'cron' && (
        <TextInput
          label="Cron"
          description="minute hour day month weekday; also L, 15W, 5#2, @daily"
          value={form.cron}
          className="code-field"
          spellCheck={false}
          onChange={({ currentTarget }) => onChange({ cron: currentTarget.value })}
        />
      )}
      {form.kind === 'every' && (
        <TextInput
          label="Every so often"
          description="R/first time/how long: R/2026-01-01T00:00:00/PT90M is every 90 minutes"
          value={form.every}
          className="code-field"
          spellCheck={false}
          onChange={({ currentTarget }) => onChange({ every: currentTarget.value })}
        />
      )}
      {form.kind === 'rrule' && (
        <Textarea
          label="Calendar rule"
          description="The lines DTSTART, RRULE, RDATE and EXDATE of RFC 5545"
          value={form.rrule}
          rows={4}
          className="code-field"
          spellCheck={false}
          onChange={({ currentTarget }) => onChange({ rrule: currentTarget.value })}
        />
      )}
      <Select
        label="On the clocks of"
        data={names}
        limit={60}
        value={form.timeZone}
        searchable
        allowDeselect={false}
        onChange={(timeZone) => timeZone !== null && onChange({ timeZone })}
      />
    </>
  );
};
