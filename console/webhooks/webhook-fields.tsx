import { TagsInput, TextInput } from '@mantine/core';
import { useId } from 'react';
import type { WebhookEvent } from '../http/answers';
import { EVENTS, type WebhookForm } from './definition';

/** Those with a name of their own beside the single ones. */
const QUICK: readonly (readonly [string, readonly WebhookEvent[]])[] = [
  ['how it ends', ['job.succeeded', 'job.failed', 'job.cancelled', 'job.expired', 'job.aborted']],
  ['all of it', Object.keys(EVENTS) as readonly WebhookEvent[]], // the keys of that record
];

type EventsProps = {
  readonly chosen: readonly WebhookEvent[];
  readonly onChange: (chosen: readonly WebhookEvent[]) => void;
};

const Events = ({ chosen, onChange }: EventsProps) => {
  const id = useId();
  const toggle = (event: WebhookEvent, isOn: boolean): void =>
    onChange(isOn ? [...chosen, event] : chosen.filter((one) => one !== event));
  return (
    <div role="group" aria-labelledby={id}>
      <span id={id} className="label">
        Told when a job
      </span>
      <div className="choices">
        {Object.entries(EVENTS).map(([event, words]) => (
          <label key={event}>
            <input
              type="checkbox"
              checked={chosen.includes(event as WebhookEvent)} // a key of that record
              onChange={({ currentTarget }) => toggle(event as WebhookEvent, currentTarget.checked)}
            />
            {words}
          </label>
        ))}
      </div>
      <div className="chips quick">
        {QUICK.map(([words, events]) => (
          <button key={words} type="button" className="chip" onClick={() => onChange(events)}>
            {words}
          </button>
        ))}
      </div>
      {chosen.length === 0 && <p className="wrong">Choose one at least.</p>}
    </div>
  );
};

type WebhookFieldsProps = {
  readonly form: WebhookForm;
  readonly onChange: (change: Partial<WebhookForm>) => void;
  /** What the server says of each field. */
  readonly errorAt: (field: keyof WebhookForm) => string | undefined;
};

/** Who is told, and of what. */
export const WebhookFields = ({ form, onChange, errorAt }: WebhookFieldsProps) => (
  <>
    <TextInput
      label="Address"
      description="Where each change is posted; it answers 2xx within 15 seconds"
      placeholder="https://example.com/hooks"
      type="url"
      value={form.url}
      required
      maxLength={2048}
      autoFocus
      error={errorAt('url')}
      onChange={({ currentTarget }) => onChange({ url: currentTarget.value })}
    />
    <Events chosen={form.eventTypes} onChange={(eventTypes) => onChange({ eventTypes })} />
    <div className="fields">
      <TagsInput
        label="Only of these queues"
        description="None: of all"
        value={[...form.queues]}
        maxTags={20}
        error={errorAt('queues')}
        onChange={(queues) => onChange({ queues })}
        comboboxProps={{ disabled: true }}
      />
      <TagsInput
        label="Only with one of these tags"
        description="None: with any, and without"
        value={[...form.tags]}
        maxTags={20}
        error={errorAt('tags')}
        onChange={(tags) => onChange({ tags })}
        comboboxProps={{ disabled: true }}
      />
    </div>
    <TextInput
      label="What it is for"
      value={form.description}
      maxLength={500}
      error={errorAt('description')}
      onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
    />
  </>
);
