import { Type } from '@sinclair/typebox';

/** Claims or reports that one request may carry. */
export const MAX_BATCH = 64;

/** What a Postgres `integer` and a timer can take. */
export const MAX_INTEGER = 2 ** 31 - 1;

export const JobId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'A UUID in lower case.',
});

export const Attempt = Type.Integer({
  minimum: 1,
  maximum: MAX_INTEGER,
  description: 'From 1.',
});

export const Revision = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Revision of the message's JobDispatched or JobRedispatched.",
});

export const ExecutorId = Type.String({
  pattern: '^[A-Za-z0-9_.:-]{1,128}$',
  description: 'Fresh for each start of an executor process.',
});

export const QueueName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

export const RetryAfterMs = Type.Integer({
  minimum: 0,
  maximum: MAX_INTEGER,
  description: 'Ask again after this many milliseconds.',
});

export const GatewayId = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,64}$',
  description:
    'Who has answered. `executor.claim.{gateway}` and `executor.report.{gateway}` ask that one alone.',
});
