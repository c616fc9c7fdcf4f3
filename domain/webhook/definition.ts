import type { WebhookEventType } from './event-types';

/** Where status changes of an owner's jobs are posted, and which of them. */
export type WebhookDefinition = {
  readonly ownerId: string;
  readonly url: string;
  readonly eventTypes: readonly WebhookEventType[];
  readonly description?: string;
  /** Only jobs of one of these queues. */
  readonly queues?: readonly string[];
  /** Only jobs with one of these tags. */
  readonly tags?: readonly string[];
};

/** What of a job decides whether a webhook is told. */
export type ToldJob = {
  readonly eventType: WebhookEventType;
  readonly queue: string;
  readonly tags: readonly string[];
};

/** Whether a change of this job is one that the webhook asks for. */
export const isAskedFor = (
  { eventTypes, queues, tags }: Pick<WebhookDefinition, 'eventTypes' | 'queues' | 'tags'>,
  job: ToldJob,
): boolean =>
  eventTypes.includes(job.eventType) &&
  (queues === undefined || queues.includes(job.queue)) &&
  (tags === undefined || tags.some((tag) => job.tags.includes(tag)));
