import type { Webhook, WebhookEvent } from '../http/answers';
import { errorsBy } from '../http/field-errors';
import type { FieldError } from '../http/problem';

/** What of a job a webhook may be told, in words; in the order in which it happens. */
export const EVENTS: Readonly<Record<WebhookEvent, string>> = {
  'job.scheduled': 'is scheduled',
  'job.queued': 'is queued',
  'job.running': 'starts',
  'job.succeeded': 'succeeds',
  'job.failed': 'fails',
  'job.cancelled': 'is cancelled',
  'job.expired': 'expires',
  'job.aborted': 'is stopped',
};

const ALL = Object.keys(EVENTS) as readonly WebhookEvent[]; // the keys of the record above

/** A webhook, as the fields of a form have it. */
export type WebhookForm = {
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly WebhookEvent[];
  readonly queues: readonly string[];
  readonly tags: readonly string[];
};

export const emptyWebhook: WebhookForm = {
  url: '',
  description: '',
  eventTypes: ['job.succeeded', 'job.failed'],
  queues: [],
  tags: [],
};

type Definition = Pick<Webhook, 'url' | 'eventTypes' | 'description' | 'queues' | 'tags'>;

export const formOf = (webhook: Definition): WebhookForm => ({
  url: webhook.url,
  description: webhook.description ?? '',
  eventTypes: webhook.eventTypes,
  queues: webhook.queues ?? [],
  tags: webhook.tags ?? [],
});

/** As the API takes it. */
export const definitionOf = (form: WebhookForm): Definition => ({
  url: form.url.trim(),
  eventTypes: [...form.eventTypes],
  ...(form.description.trim() !== '' && { description: form.description.trim() }),
  ...(form.queues.length > 0 && { queues: [...form.queues] }),
  ...(form.tags.length > 0 && { tags: [...form.tags] }),
});

export const isWholeWebhook = ({ url, eventTypes }: WebhookForm): boolean =>
  url.trim() !== '' && eventTypes.length > 0;

const choice = new Intl.ListFormat('en', { type: 'disjunction' });

/** `a job succeeds or fails, in queue mail` */
export const eventsText = ({ eventTypes, queues, tags }: Definition): string => {
  const what =
    eventTypes.length === ALL.length
      ? 'changes its status'
      : choice.format(ALL.filter((one) => eventTypes.includes(one)).map((one) => EVENTS[one]));
  const where = queues ? `, in queue ${choice.format(queues)}` : '';
  return `a job ${what}${where}${tags ? `, with tag ${choice.format(tags)}` : ''}`;
};

const hostOf = (url: string): string | undefined => {
  try {
    return new URL(url).host || undefined;
  } catch {
    return undefined;
  }
};

/** The sentence that is being written. */
export const sentenceOf = (form: WebhookForm): string => {
  const who = hostOf(form.url.trim()) ?? 'A program';
  if (form.eventTypes.length === 0) return `${who} is told of nothing yet`;
  return `${who} is told when ${eventsText(definitionOf(form))}`;
};

const WORDS: Readonly<Record<string, string>> = {
  'bad-location':
    'No such address: begin with https:// or http://, without blanks and without a password.',
  'forbidden-target': 'This server makes no calls to private addresses, nor to its own.',
};

/** What the server says of each field. */
export const webhookErrorsBy =
  (errors: readonly FieldError[]) =>
  (field: keyof WebhookForm): string | undefined => {
    const found = errors.find(({ pointer }) => pointer?.startsWith(`/${field}`));
    return found && (WORDS[found.code] ?? errorsBy(errors)(field));
  };
