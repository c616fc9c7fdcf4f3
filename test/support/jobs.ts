import type { JobCommand } from '../../domain/job/commands';
import { decide } from '../../domain/job/decide';
import type { JobEvent, JobFact } from '../../domain/job/events';
import type { JobDefinition } from '../../domain/job/definition';
import { initial, type JobState } from '../../domain/job/state';
import { evolve } from '../../domain/job/evolve';
import { toTimestamp } from '../../domain/time';

/** The hour in which the tests play; `t(50)` is 50 seconds into it. */
export const EPOCH = Date.UTC(2026, 10, 23, 12);
export const t = (seconds: number): number => EPOCH + Math.round(seconds * 1_000);

export const definition: JobDefinition = {
  ownerId: 'ada',
  name: 'pay the invoice',
  location: 'print:',
  queue: 'default',
  timeoutMs: 60_000,
  retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 60_000, factor: 2 },
  cutoffMs: 0,
  tags: [],
};

/** A job due at `t(50)` unless told. */
export const scheduled = (changes: Partial<JobDefinition> = {}, dueAt = t(50)): JobEvent => ({
  type: 'JobScheduled',
  data: { ...definition, ...changes, dueAt: toTimestamp(dueAt) },
});
export const rescheduled = (dueAt: number, previousDueAt = t(50)): JobEvent => ({
  type: 'JobRescheduled',
  data: { dueAt: toTimestamp(dueAt), previousDueAt: toTimestamp(previousDueAt) },
});
export const dispatched = (attempt = 1, dueAt = t(50)): JobEvent => ({
  type: 'JobDispatched',
  data: { attempt, dueAt: toTimestamp(dueAt) },
});
export const started = (attempt = 1, executorId = 'x1'): JobEvent => ({
  type: 'JobStarted',
  data: { attempt, executorId },
});
export const succeeded: JobEvent = { type: 'JobSucceeded', data: { attempt: 1 } };
export const cancelled: JobEvent = { type: 'JobCancelled', data: { dueAt: toTimestamp(t(50)) } };
export const attemptFailed = (attempt: number, retryAt?: number): JobEvent => ({
  type: 'JobAttemptFailed',
  data: {
    attempt,
    cause: 'reported',
    error: { code: 'boom', message: 'it broke' },
    ...(retryAt !== undefined && { retryAt: toTimestamp(retryAt) }),
  },
});
export const failed: JobEvent = {
  type: 'JobFailed',
  data: { attempts: 3, error: { code: 'boom', message: 'it broke' } },
};

/** Events as the log has them: revisions from 0, each recorded a second after the one before, from `t(0)` on. */
export const facts = (events: readonly JobEvent[]): readonly JobFact[] =>
  events.map((event, index) => ({ ...event, at: t(index), revision: BigInt(index) }));

export const stateAfter = (...events: readonly JobEvent[]): JobState =>
  facts(events).reduce(evolve, initial);

/** `given(...past).when(command)` is the decision, a plain value. */
export const given = (...past: readonly JobEvent[]) => ({
  when: (command: JobCommand) => decide(command, stateAfter(...past)),
});
