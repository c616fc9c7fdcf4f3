import { Select, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { Choices } from '../frame/choices';
import { zones } from '../time/zones';
import { RepeatsFields } from './repeats-fields';
import { asKind, KINDS, timingOf, type RuleForm } from './rule-form';
import { timingText } from './timing';

type FieldsProps = {
  readonly form: RuleForm;
  readonly onChange: (change: Partial<RuleForm>) => void;
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
        onChange={(kind) => onChange(asKind(form, kind))}
      />
      {form.kind === 'repeats' && (
        <div>
          <div className="form">
            <RepeatsFields
              repeats={form.repeats}
              onChange={(change) => onChange({ repeats: { ...form.repeats, ...change } })}
            />
          </div>
          <p className="hint">
            <code>{timingText(timingOf(form))}</code>
          </p>
        </div>
      )}
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
