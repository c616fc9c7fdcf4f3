import { isJobStatus, jobStatuses, type JobStatus } from '../job/state';

/** What a webhook may be told of: a job that comes to a status. */
export type WebhookEventType = `job.${JobStatus}`;

export const eventTypeOf = (status: JobStatus): WebhookEventType => `job.${status}`;

export const webhookEventTypes: readonly WebhookEventType[] = jobStatuses
  .filter(isJobStatus)
  .map(eventTypeOf);
