import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { Choices } from '../frame/choices';
import { useKeys } from '../frame/keys';
import { Notice } from '../frame/notice';
import type { Schedule } from '../http/answers';
import { useSending } from '../http/use-sending';
import { bodyOf, emptyTemplate, payloadProblem } from '../jobs/template';
import { errorsBy, TemplateFields } from '../jobs/template-fields';
import { useZone } from '../time/zone';
import {
  clockChangeOf,
  GAP,
  hintOf,
  MISSED,
  OVERLAP,
  STILL_RUNNING,
  usualPolicies,
  whenMissedOf,
  type Policies,
} from './policies';
import { PreviewPanel, type Rule } from './preview-panel';
import { RuleFields, timingOf, titleOf, type RuleForm } from './rule-fields';
import { Widgets } from '../frame/widgets';

/** Nobody previews each letter. */
const PAUSE_MS = 250;

const newRule = (timeZone: string): RuleForm => ({
  kind: 'repeats',
  repeats: { frequency: 'weekday', time: '02:30', everyMinutes: '5', weekday: '1', monthDay: '1' },
  cron: '30 2 * * 1-5',
  every: 'R/2026-01-01T00:00:00/PT90M',
  rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2',
  timeZone,
});

type PolicyFieldsProps = {
  readonly policies: Policies;
  readonly onChange: (change: Partial<Policies>) => void;
};

const PolicyFields = ({ policies, onChange }: PolicyFieldsProps) => (
  <>
    <Choices
      label="When clocks leave its hour out"
      options={GAP}
      value={policies.gap}
      onChange={(gap) => onChange({ gap })}
      hint={hintOf(GAP, policies.gap)}
    />
    <Choices
      label="When clocks show its hour twice"
      options={OVERLAP}
      value={policies.overlap}
      onChange={(overlap) => onChange({ overlap })}
      hint={hintOf(OVERLAP, policies.overlap)}
    />
    <Choices
      label="If the last run is still going"
      options={STILL_RUNNING}
      value={policies.whenStillRunning}
      onChange={(whenStillRunning) => onChange({ whenStillRunning })}
      hint={hintOf(STILL_RUNNING, policies.whenStillRunning)}
    />
    <Choices
      label="If nothing ran for a while"
      options={MISSED}
      value={policies.missed}
      onChange={(missed) => onChange({ missed })}
      hint={hintOf(MISSED, policies.missed)}
    />
  </>
);

const NewSchedule = () => {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { zone } = useZone();
  const { sendForm, error, errors, isBusy } = useSending();
  const [name, setName] = useState('');
  const [form, setForm] = useState(() => newRule(zone));
  const [policies, setPolicies] = useState(usualPolicies);
  const [template, setTemplate] = useState(emptyTemplate);
  useKeys({ Escape: () => void navigate('/schedules') });

  const rule = useMemo<Rule>(
    () => ({ timing: timingOf(form), timeZone: form.timeZone, ...clockChangeOf(policies) }),
    [form, policies],
  );
  const [shown] = useDebouncedValue(rule, PAUSE_MS);
  const isWhole = name.trim() !== '' && payloadProblem(template) === undefined;

  const create = async (): Promise<void> => {
    const made = await sendForm<Schedule>('v1/schedules', {
      name: name.trim(),
      ...rule,
      whenStillRunning: policies.whenStillRunning,
      whenMissed: whenMissedOf(policies),
      job: bodyOf(template),
    });
    if (!made) return;
    void client.resetQueries({ queryKey: ['schedules'] });
    void navigate(`/schedules/${made.scheduleId}`, { replace: true });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) void create();
      }}
    >
      <title>New schedule · Punctual</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/schedules">Schedules</Link> / New
      </nav>
      <div className="head">
        <h1>{titleOf(form)}</h1>
        <div className="actions">
          <Link to="/schedules" className="button button-plain">
            Back
          </Link>
          <button type="submit" className="button" disabled={!isWhole || isBusy}>
            Create it
          </button>
        </div>
      </div>
      {error !== undefined && <Notice error={error} />}
      <div className="columns">
        <div>
          <section className="panel form">
            <TextInput
              label="Name"
              value={name}
              required
              maxLength={200}
              autoFocus
              error={errorsBy(errors)('name')}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
            <RuleFields
              form={form}
              onChange={(change) => setForm((before) => ({ ...before, ...change }))}
            />
            <PolicyFields
              policies={policies}
              onChange={(change) => setPolicies((before) => ({ ...before, ...change }))}
            />
            <TemplateFields
              template={template}
              onChange={(change) => setTemplate((before) => ({ ...before, ...change }))}
              errorAt={errorsBy(errors, '/job')}
            />
          </section>
        </div>
        <PreviewPanel rule={shown} />
      </div>
    </form>
  );
};

export const NewSchedulePage = () => (
  <Widgets>
    <NewSchedule />
  </Widgets>
);
