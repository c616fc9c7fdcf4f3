import { Type } from '@sinclair/typebox';
import { commandedJobSchema } from '../schemas/job-answers';
import type { Parameter, RouteAnswer } from '../http/route';

/** Roles that may have jobs. */
export const JOB_ROLES = ['user', 'operator'] as const;

export const idempotencyKeyHeader: Parameter = {
  name: 'Idempotency-Key',
  description:
    'Makes the request repeatable: the same key and body give the same answer, another body is refused.',
  schema: Type.String({ minLength: 1, maxLength: 255, pattern: '^[!-~]+$' }),
};

export const ifMatchHeader: Parameter = {
  name: 'If-Match',
  description: 'The ETag of the job: decide at this revision or not at all.',
  schema: Type.String({ pattern: '^"[0-9]+"$', examples: ['"7"'] }),
};

export const afterParameter: Parameter = {
  name: 'after',
  description: 'The `position` of a command: waits, 2 s at most, until the answer shows it.',
  schema: Type.String({ pattern: '^[0-9]+$' }),
};

export const asOfParameter: Parameter = {
  name: 'asOf',
  description:
    'As it stood then: an RFC 3339 time that has passed, or a position of the log. A past state has no ETag.',
  schema: Type.String({ examples: ['2026-11-23T10:00:00Z', '4711'] }),
};

export const commandedJob = (status: number, description: string): RouteAnswer => ({
  status,
  description,
  schema: commandedJobSchema,
  headers: {
    ETag: 'The revision of the job.',
    'Idempotent-Replayed': 'true, when the key has come before: this is the first answer again.',
    ...(status === 201 && { Location: 'Where the job is.' }),
  },
});
