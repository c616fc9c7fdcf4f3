import { NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import { payloadProblem, type Template } from './template';

type TemplateFieldsProps = {
  readonly template: Template;
  readonly onChange: (change: Partial<Template>) => void;
  /** What the server says of each field. */
  readonly errorAt: (field: string) => string | undefined;
};

/** What runs, whenever it does. */
export const TemplateFields = ({ template, onChange, errorAt }: TemplateFieldsProps) => (
  <>
    <div className="fields">
      <TextInput
        label="What runs"
        description="Where its code is: https://…, s3://… or print: for a try"
        value={template.location}
        required
        maxLength={2048}
        error={errorAt('location')}
        onChange={({ currentTarget }) => onChange({ location: currentTarget.value })}
      />
      <TextInput
        label="Queue"
        description="Whose executors take it"
        value={template.queue}
        maxLength={64}
        error={errorAt('queue')}
        onChange={({ currentTarget }) => onChange({ queue: currentTarget.value })}
      />
    </div>
    <TagsInput
      label="Tags"
      value={[...template.tags]}
      maxTags={20}
      error={errorAt('tags')}
      onChange={(tags) => onChange({ tags })}
      comboboxProps={{ disabled: true }}
    />
    <div className="fields">
      <NumberInput
        label="Time limit, seconds"
        value={template.timeoutS}
        min={0.001}
        max={86_400}
        hideControls
        error={errorAt('timeoutMs')}
        onChange={(timeoutS) => onChange({ timeoutS })}
      />
      <NumberInput
        label="Attempts at most"
        value={template.maxAttempts}
        min={1}
        max={100}
        allowDecimal={false}
        hideControls
        error={errorAt('retry')}
        onChange={(maxAttempts) => onChange({ maxAttempts })}
      />
    </div>
    <Textarea
      label="Payload, JSON"
      value={template.payload}
      rows={4}
      spellCheck={false}
      className="code-field"
      error={payloadProblem(template) ?? errorAt('payload')}
      onChange={({ currentTarget }) => onChange({ payload: currentTarget.value })}
    />
  </>
);
