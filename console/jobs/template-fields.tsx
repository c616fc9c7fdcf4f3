import { NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { FieldError } from '../http/problem';
import { payloadProblem, type Template } from './template';

type TemplateFieldsProps = {
  readonly template: Template;
  readonly onChange: (change: Partial<Template>) => void;
  /** What the server says of each field. */
  readonly errorAt: (field: string) => string | undefined;
};

const WORDS: Readonly<Record<string, string>> = {
  'bad-location': 'No such location: begin with https:, s3: or print:, without blanks.',
  'forbidden-target': 'Jobs must not reach this address.',
  'bad-queue': 'Letters, digits, hyphens and underscores, 64 at most.',
  'queue-forbidden': 'You may not use this queue.',
  'too-long': 'This is too long.',
  'too-short': 'Something has to be here.',
  'out-of-range': 'This number is out of range.',
  'invalid-unicode': 'It has characters that nobody sees.',
  'due-in-past': 'This time has passed.',
  'due-too-far': 'One year ahead is the most.',
};

export const errorsBy =
  (errors: readonly FieldError[], below = ''): ((field: string) => string | undefined) =>
  (field) => {
    const found = errors.find(({ pointer }) => pointer?.startsWith(`${below}/${field}`));
    if (!found) return undefined;
    return found.reason ?? WORDS[found.code] ?? found.code;
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
