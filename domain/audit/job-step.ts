import { definitionDigest, digestOf, textsOf } from './digest';
import type { AuditedEvent, AuditedOf } from './audited-event';
import { emptyTrace, type JobTrace } from './job-trace';

/** Takes away what an attempt left behind, so that the next one starts clean. */
const clean = (job: JobTrace): void => {
  job.dispatchedAt = Number.NaN;
  job.sentAt = Number.NaN;
  job.startedAt = Number.NaN;
  job.finishedAt = Number.NaN;
  job.executor = Number.NaN;
  job.result = Number.NaN;
  job.delivery = 0;
  job.isAbortRequested = false;
};

const waitUntil = (job: JobTrace, { dueAt }: AuditedEvent): void => {
  clean(job);
  job.status = 'scheduled';
  job.dueAt = dueAt;
};

const finish = (job: JobTrace, status: JobTrace['status'], { at }: AuditedEvent): void => {
  job.status = status;
  job.finishedAt = at;
};

const schedule = (job: JobTrace, event: AuditedOf<'JobScheduled'>): void => {
  const { account } = job;
  Object.assign(job, emptyTrace(), { account });
  waitUntil(job, event);
  const { dueAt: _dueAt, ...definition } = event.data;
  job.scheduledAt = event.at;
  job.attempt = 1;
  job.maxAttempts = definition.retry.maxAttempts;
  job.timeoutMs = definition.timeoutMs;
  job.maxLatenessMs = definition.maxLatenessMs ?? Number.NaN;
  job.definition = definitionDigest(textsOf(definition));
};

const failAttempt = (job: JobTrace, event: AuditedOf<'JobAttemptFailed'>): void => {
  const { attempt, error, retryAt } = event.data;
  job.error = digestOf(JSON.stringify(error));
  if (retryAt === undefined) {
    job.status = 'attempt-ended';
    return;
  }
  waitUntil(job, event);
  job.attempt = attempt + 1;
};

const move = (job: JobTrace, event: AuditedEvent): void => {
  switch (event.type) {
    case 'JobScheduled':
      schedule(job, event);
      return;
    case 'JobRescheduled':
      waitUntil(job, event);
      return;
    case 'JobCancelled':
      finish(job, 'cancelled', event);
      return;
    case 'JobDispatched':
      clean(job);
      job.status = 'queued';
      job.dispatchedAt = event.at;
      job.sentAt = event.at;
      job.delivery = 1;
      return;
    case 'JobRedispatched':
      job.status = 'queued';
      job.sentAt = event.at;
      job.delivery = event.data.delivery;
      return;
    case 'JobStarted':
      job.status = 'running';
      job.startedAt = event.at;
      job.executor = digestOf(event.data.executorId);
      job.isAbortRequested = false;
      job.startedAttempt = Math.max(job.startedAttempt, event.data.attempt);
      return;
    case 'JobSucceeded':
      finish(job, 'succeeded', event);
      if (event.data.result !== undefined) job.result = digestOf(JSON.stringify(event.data.result));
      job.error = Number.NaN;
      return;
    case 'JobAttemptFailed':
      failAttempt(job, event);
      return;
    case 'JobFailed':
      finish(job, 'failed', event);
      job.error = digestOf(JSON.stringify(event.data.error));
      return;
    case 'JobExpired':
      finish(job, 'expired', event);
      return;
    case 'JobRedriven':
      waitUntil(job, event);
      job.attempt = 1;
      job.startedAttempt = 0;
      return;
    case 'JobAbortRequested':
      job.status = 'running';
      job.isAbortRequested = true;
      return;
    case 'JobAborted':
      finish(job, 'aborted', event);
      return;
  }
};

/**
 * Moves the job on by design.md, section 4. It believes every event, also one that breaks a rule, as the
 * projections do: so one breach is told once, and rows are compared with what the log says.
 */
export const advance = (job: JobTrace, event: AuditedEvent): void => {
  move(job, event);
  job.revision = event.revision;
  job.position = event.position;
  job.lastType = event.type;
};
