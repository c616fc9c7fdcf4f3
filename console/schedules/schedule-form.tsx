import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from '../frame/link';
import type { Schedule } from '../http/answers';
import { errorsBy } from '../http/field-errors';
import type { FieldError } from '../http/problem';
import type { Template } from '../jobs/template';
import { TemplateFields } from '../jobs/template-fields';
import { definitionOf, isSound, type Definition, type ScheduleFields } from './definition';
import { BoundFields } from './bound-fields';
import { whenMissedOf } from './policies';
import { PolicyFields } from './policy-fields';
import { PreviewPanel } from './preview-panel';
import { RuleFields } from './rule-fields';
import { hasTime, titleOf, withTime } from './rule-form';
import { ruleIn } from './use-preview';

/** Nobody previews each letter. */
const PAUSE_MS = 250;

type ScheduleFormProps = {
  readonly begun: ScheduleFields;
  /** What the fields have no place for stays as it is there. */
  readonly kept?: Schedule;
  readonly verb: string;
  readonly back: string;
  readonly isBusy: boolean;
  readonly errors: readonly FieldError[];
  /** What became of it when it was sent. */
  readonly told: ReactNode;
  readonly onSend: (definition: Definition) => void;
};

/** A schedule as it is written, with what its rule comes to beside it. */
export const ScheduleForm = (props: ScheduleFormProps) => {
  const { begun, kept, verb, back, isBusy, errors, told, onSend } = props;
  const [fields, setFields] = useState(begun);
  const { name, rule, bounds, policies, template } = fields;
  const change = (changed: Partial<ScheduleFields>): void =>
    setFields((before) => ({ ...before, ...changed }));
  const isWhole = isSound(fields);
  const unnamed = useMemo(
    () => definitionOf({ name: '', rule, bounds, policies, template: begun.template }, kept),
    [rule, bounds, policies, begun.template, kept],
  );
  const previewed = useMemo(() => ruleIn(unnamed), [unnamed]);
  const [shown] = useDebouncedValue(previewed, PAUSE_MS);
  const choose = (dueAt: string): void => change({ rule: withTime(rule, dueAt) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onSend(definitionOf(fields, kept));
      }}
    >
      <div className="head">
        <h1>{titleOf(rule)}</h1>
        <div className="actions">
          <Link to={back} className="button button-plain">
            Back
          </Link>
          <button type="submit" className="button" disabled={!isWhole || isBusy}>
            {verb}
          </button>
        </div>
      </div>
      {told}
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
              onChange={({ currentTarget }) => change({ name: currentTarget.value })}
            />
            <RuleFields form={rule} onChange={(part) => change({ rule: { ...rule, ...part } })} />
            <BoundFields
              bounds={bounds}
              zone={rule.timeZone}
              onChange={(part) => change({ bounds: { ...bounds, ...part } })}
            />
            <PolicyFields
              policies={policies}
              rule={shown}
              isWritten={JSON.stringify(shown) === JSON.stringify(previewed)}
              whenMissed={unnamed.whenMissed ?? whenMissedOf(policies)}
              onChange={(part) => change({ policies: { ...policies, ...part } })}
            />
            <TemplateFields
              template={template}
              onChange={(part: Partial<Template>) => change({ template: { ...template, ...part } })}
              errorAt={errorsBy(errors, '/job')}
            />
          </section>
        </div>
        <PreviewPanel rule={shown} onChoose={hasTime(rule) ? choose : undefined} />
      </div>
    </form>
  );
};
