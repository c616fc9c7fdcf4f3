import { toTimestamp, type Instant } from '../domain/time';
import type { ScheduleRequest } from '../commands/job-commands';
import type { CommandContext } from '../commands/answers';
import { owners } from './stack';

/** The job that all rows schedule: an event of some 500 bytes with its metadata. */
const job = {
  name: 'send the newsletter',
  location: 'print:',
  payload: { list: 4_711, text: 'some words that make a payload of a usual size' },
  timeoutMs: 60_000,
  tags: ['newsletter'],
} as const;

export const ownerOf = (index: number): string => owners[index % owners.length] ?? '';

/** As a body of the API has it. */
export const jobBody = (dueAt: Instant, queue = 'default'): object => ({
  ...job,
  dueAt: toTimestamp(dueAt),
  queue,
});

/** As a command in process takes it. */
export const scheduleRequest = (dueAt: Instant, queue = 'default'): ScheduleRequest => ({
  dueAt,
  definition: {
    ...job,
    queue,
    cutoffMs: 0,
    retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 3_600_000, factor: 2 },
  },
});

export const contextOf = (index: number): CommandContext => ({
  actor: { kind: 'user', id: ownerOf(index) },
  correlationId: '00000000-0000-7000-8000-000000000000',
});

const DAY_MS = 24 * 3_600_000;

/** Some time of the coming year, never within the next day: such jobs only wait. */
export const someDay = (index: number): Instant =>
  Date.now() + DAY_MS + ((index * 7_919) % 363) * DAY_MS + (index % 86_400) * 1_000;
