import { Type, type TSchema } from '@sinclair/typebox';
import { commandedJobSchema } from '../schemas/job-answers';
import { scheduleSchema } from '../schemas/schedule-answers';
import { LIMITS } from '../access/limits';
import type { Parameter, RouteAnswer } from '../http/route';

/** Roles that may have jobs. */
export const JOB_ROLES = ['user', 'operator'] as const;

export const parameter = (
  name: string,
  description: string,
  schema: TSchema = Type.String(),
): Parameter => ({ name, description, schema });

export const idempotencyKeyHeader = parameter(
  'Idempotency-Key',
  'Makes the request repeatable: the same key and body give the same answer, another body is refused.',
  Type.String({ minLength: 1, maxLength: 255, pattern: '^[!-~]+$' }),
);

export const ifMatchHeader = parameter(
  'If-Match',
  'The ETag of the job or the schedule: decide at this revision or not at all.',
  Type.String({ pattern: '^"[0-9]+"$', examples: ['"7"'] }),
);

export const afterParameter = parameter(
  'after',
  'The `position` of a command: waits, 2 s at most, until the answer shows it.',
  Type.String({ pattern: '^[0-9]+$' }),
);

export const asOfParameter = parameter(
  'asOf',
  'As it stood then: an RFC 3339 time that has passed, or a position of the log. A past state has no ETag.',
  Type.String({ examples: ['2026-11-23T10:00:00Z', '4711'] }),
);

/** From when, and up to when, jobs are due. */
export const dueParameters = (from: string, to: string): readonly Parameter[] => [
  parameter('from', from, Type.String({ format: 'date-time' })),
  parameter('to', to, Type.String({ format: 'date-time' })),
];

export const queueParameter = parameter('queue', 'Goes to this queue.');
export const ownerParameter = parameter('ownerId', 'Operators only: those of one owner.');

/** The only answer of a route that is no refusal. */
export const answered = (
  description: string,
  schema: TSchema,
  more: Partial<RouteAnswer> = {},
): readonly RouteAnswer[] => [{ status: 200, description, schema, ...more }];

export const replayedHeader = {
  'Idempotent-Replayed': 'true, when the key has come before: this is the first answer again.',
};

export const commandedSchedule = (status: number, description: string): RouteAnswer => ({
  status,
  description,
  schema: scheduleSchema,
  headers: {
    ETag: 'The revision of the schedule.',
    ...replayedHeader,
    ...(status === 201 && { Location: 'Where the schedule is.' }),
  },
});

export const limitParameter = (what: string): Parameter =>
  parameter(
    'limit',
    `${what} on a page.`,
    Type.Integer({ minimum: 1, maximum: LIMITS.pageLimit, default: LIMITS.defaultPageLimit }),
  );

export const cursorParameter = parameter(
  'cursor',
  'The `nextCursor` of the page before, with the same filter.',
);

export const searchParameter = parameter(
  'q',
  'Part of the name, read literally.',
  Type.String({ maxLength: LIMITS.searchLength }),
);

export const commandedJob = (status: number, description: string): RouteAnswer => ({
  status,
  description,
  schema: commandedJobSchema,
  headers: {
    ETag: 'The revision of the job.',
    ...replayedHeader,
    ...(status === 201 && { Location: 'Where the job is.' }),
  },
});
