import { Type, type Static } from '@sinclair/typebox';
import type { Json, RetryPolicy } from '../../domain/job/definition';
import { LIMITS } from '../access/limits';
import { optionalInteger, strict } from './parts';

export const askedTimestamp = Type.String({
  format: 'date-time',
  description:
    'RFC 3339 with an offset. Fractions beyond the millisecond are cut; leap seconds and 24:00 are refused.',
});

export const visibleText = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, format: 'visible-text', description });

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 1_000,
  maxDelayMs: 3_600_000,
  factor: 2,
};

const retry = Type.Object(
  {
    maxAttempts: optionalInteger(1, LIMITS.maxAttempts, { default: DEFAULT_RETRY.maxAttempts }),
    initialDelayMs: optionalInteger(0, LIMITS.retryDelayMs, {
      default: DEFAULT_RETRY.initialDelayMs,
    }),
    maxDelayMs: optionalInteger(0, LIMITS.retryDelayMs, {
      default: DEFAULT_RETRY.maxDelayMs,
      description: 'Not given: one hour, or initialDelayMs if that is longer.',
    }),
    factor: Type.Optional(
      Type.Number({ minimum: 1, maximum: LIMITS.retryFactor, default: DEFAULT_RETRY.factor }),
    ),
  },
  { ...strict, description: 'What is left out keeps its default.' },
);

const reason = Type.Optional(visibleText(LIMITS.reasonLength, 'For the history.'));

export const nameText = visibleText(LIMITS.nameLength, 'Kept in Unicode normal form C.');

/** What a job is, whenever it runs: the same for one and for those of a schedule. */
export const templateProperties = {
  location: Type.String({
    minLength: 1,
    maxLength: LIMITS.locationLength,
    format: 'location',
    description:
      'Where the code of the job is, for the executor to read: a URI with one of the `locationSchemes` of GET /v1/limits. `print:` runs on the demo executor.',
    examples: ['https://example.com/run', 's3://bucket/script', 'print:hello'],
  }),
  payload: Type.Optional(
    Type.Unsafe<Json>({
      description:
        'Any JSON up to 64 KiB; comes back as the same value, not as the same text: spaces and the spelling of numbers and escapes are not kept.',
    }),
  ),
  queue: Type.Optional(Type.String({ format: 'queue-name', default: 'default' })),
  timeoutMs: optionalInteger(1, LIMITS.timeoutMs, { default: 60_000 }),
  retry: Type.Optional(retry),
  cutoffMs: optionalInteger(0, LIMITS.cutoffMs, {
    default: 0,
    description: 'How long before the due time changes are refused.',
  }),
  maxLatenessMs: optionalInteger(1, LIMITS.maxLatenessMs, {
    description:
      'Later than this the job expires instead of starting. Not given: it runs however late.',
  }),
  tags: Type.Optional(
    Type.Array(visibleText(LIMITS.tagLength, 'Kept in Unicode normal form C.'), {
      maxItems: LIMITS.tags,
    }),
  ),
};

const jobProperties = { name: nameText, dueAt: askedTimestamp, ...templateProperties };

export const scheduleBody = Type.Object(jobProperties, { ...strict, title: 'Job to schedule' });
export type ScheduleBody = Static<typeof scheduleBody>;

export const batchItem = Type.Object(
  { ...jobProperties, idempotencyKey: Type.Optional(Type.String({ format: 'idempotency-key' })) },
  { ...strict, title: 'Job to schedule in a batch' },
);

/** What a batch must be before its items are looked at, one by one. */
export const batchEnvelope = Type.Object(
  { jobs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: LIMITS.batchJobs }) },
  strict,
);

/** The same for readers of the API description. */
export const batchBody = Type.Object(
  { jobs: Type.Array(batchItem, { minItems: 1, maxItems: LIMITS.batchJobs }) },
  { ...strict, title: 'Batch of jobs to schedule' },
);

export const rescheduleBody = Type.Object({ dueAt: askedTimestamp, reason }, strict);
export const reasonBody = Type.Object({ reason }, strict);
export const emptyBody = Type.Object({}, strict);
