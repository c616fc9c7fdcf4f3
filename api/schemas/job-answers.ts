import { Type } from '@sinclair/typebox';
import { forecastStepMs } from '../../domain/forecast';
import { differenceKinds } from '../../domain/job/difference';
import { jobStatuses } from '../../domain/job/state';
import { heldBackReasons } from '../../domain/shares/held-back';
import { problemCatalogue } from '../http/problem-catalogue';
import {
  actor,
  integerOrNull,
  jobError,
  oneOf,
  position,
  timestamp,
  timestampOrNull,
} from './parts';

const status = oneOf(jobStatuses);

const jobProperties = {
  jobId: Type.String({ format: 'uuid' }),
  ownerId: Type.String(),
  name: Type.String(),
  status,
  dueAt: timestamp,
  location: Type.String(),
  queue: Type.String(),
  attempt: Type.Integer({ minimum: 1, description: 'The attempt under way or to come.' }),
  revision: Type.Integer({ minimum: 0, description: 'The ETag, for If-Match.' }),
  tags: Type.Array(Type.String()),
  timeoutMs: Type.Integer(),
  retry: Type.Object({
    maxAttempts: Type.Integer(),
    initialDelayMs: Type.Integer(),
    maxDelayMs: Type.Integer(),
    factor: Type.Number(),
  }),
  cutoffMs: Type.Integer(),
  maxLatenessMs: Type.Optional(Type.Integer()),
  scheduledAt: timestamp,
  dispatchedAt: timestampOrNull,
  startedAt: timestampOrNull,
  finishedAt: timestampOrNull,
  latenessMs: integerOrNull('How late it started or, not started yet, was dispatched.'),
  payload: Type.Optional(Type.Unknown({ description: 'Left out of lists.' })),
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(jobError),
  scheduleId: Type.Optional(
    Type.String({ format: 'uuid', description: 'The schedule that it is a run of.' }),
  ),
  occurrenceAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'The time that the rule of its schedule says, wherever the run was moved.',
    }),
  ),
  waitingFor: Type.Optional(
    Type.Object(
      {
        reason: oneOf(Object.keys(heldBackReasons)),
        since: timestamp,
      },
      {
        description: 'Of a due job that is not dispatched yet: what holds back its queue or owner.',
      },
    ),
  ),
};

export const jobSchema = Type.Object(jobProperties, { $id: 'Job', title: 'Job' });

const crowdedMinute = Type.Object({
  code: Type.Literal('crowded-minute'),
  minute: Type.String({ format: 'date-time', description: 'Where the minute begins.' }),
  jobs: Type.Integer({
    description:
      'Jobs that wait for it. For operators: a count up to a minute old and what came through this server since, from some million waiting jobs on an estimate. For users: the capacity, and there are more.',
  }),
  isCoarse: Type.Optional(
    Type.Literal(true, {
      description:
        'For users: there are more than `jobs`. By a count one would see each job of others come; so a minute also begins to be told as crowded at 1.25 to 1.5 times the capacity, each time at another number, drawn by chance.',
    }),
  ),
  capacity: Type.Integer({ description: 'As many as are wanted in a minute at most.' }),
});

export const crowdingSchema = Type.Object({
  warnings: Type.Array(crowdedMinute, { description: 'None: not crowded, or not known to be.' }),
  quieter: Type.Array(Type.String({ format: 'date-time' }), {
    description:
      'Where the nearest minutes begin that are not crowded, half an hour away at most, the nearest first.',
  }),
});

export const commandedJobSchema = Type.Object(
  {
    ...jobProperties,
    position,
    warnings: Type.Optional(
      Type.Array(crowdedMinute, {
        description:
          'About the due time, after a schedule or a reschedule. Advice: another minute starts sooner. Absent: none known.',
      }),
    ),
  },
  { $id: 'CommandedJob', title: 'Job right after a command' },
);

export const jobListSchema = Type.Object({
  items: Type.Array(Type.Ref('Job'), { description: 'The latest due time first.' }),
  nextCursor: Type.Optional(Type.String({ description: 'There when more jobs follow.' })),
});

export const jobCountsSchema = Type.Object({
  counts: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
    description: 'By status, each of which is there.',
  }),
  isComplete: Type.Boolean({
    description:
      'False when there are more jobs than `countedJobs` of GET /v1/limits: of each status there are at least so many, among those with the latest due time. Of the past all are counted.',
  }),
});

const jobThen = Type.Object(
  { status, dueAt: timestamp, attempt: Type.Integer({ minimum: 1 }) },
  { description: 'On the list or not. Absent: there was no such job.' },
);

const differing = (description: string) => Type.Integer({ minimum: 0, description });

export const jobDifferencesSchema = Type.Object({
  asOf: Type.String({ description: 'The first moment: a time, or a position of the log.' }),
  with: Type.String({ description: 'The other one.' }),
  counts: Type.Object(
    {
      appeared: differing('On the list at the other moment alone.'),
      left: differing('On the list at the first moment alone.'),
      'status-changed': differing('On both, with another status.'),
      moved: differing('On both, with another due time and the same status.'),
    },
    { description: 'Of the whole list, whatever changes and page are asked for.' },
  ),
  items: Type.Array(
    Type.Object({
      jobId: Type.String({ format: 'uuid' }),
      name: Type.String(),
      queue: Type.String(),
      ownerId: Type.String(),
      change: oneOf(differenceKinds),
      before: Type.Optional(jobThen),
      after: Type.Optional(jobThen),
    }),
    { description: 'The latest due time first.' },
  ),
  nextCursor: Type.Optional(Type.String({ description: 'There when more jobs follow.' })),
});

export const historySchema = Type.Object({
  events: Type.Array(
    Type.Object({
      type: Type.String(),
      data: Type.Object({}, { additionalProperties: true }),
      actor,
      time: timestamp,
      revision: Type.Integer(),
      position,
    }),
    { description: 'Oldest first.' },
  ),
});

export const statusChangeSchema = Type.Object({
  position,
  jobId: Type.String({ format: 'uuid' }),
  ownerId: Type.String(),
  name: Type.String(),
  status,
  revision: Type.Integer(),
  attempt: Type.Integer(),
  dueAt: timestamp,
  at: timestamp,
});

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: '/problems/ and the code; see docs/errors.md.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What to do next.' }),
    instance: Type.String(),
    requestId: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.Optional(Type.String({ description: 'JSON pointer into the body.' })),
          parameter: Type.Optional(Type.String({ description: 'Name of a query parameter.' })),
          code: oneOf(Object.keys(problemCatalogue)),
          reason: Type.Optional(Type.String({ description: 'What is wrong, in a sentence.' })),
        }),
      ),
    ),
  },
  { $id: 'Problem', title: 'Problem (RFC 9457)' },
);

export const batchAnswerSchema = Type.Object({
  results: Type.Array(
    Type.Object({
      status: Type.Integer({ description: 'What the job alone would have been answered with.' }),
      job: Type.Optional(Type.Ref('CommandedJob')),
      problem: Type.Optional(Type.Ref('Problem')),
      isReplay: Type.Optional(Type.Boolean()),
    }),
    { description: 'One for each job, in order.' },
  ),
});

export const limitsSchema = Type.Object({}, { additionalProperties: true, title: 'Limits' });

export const forecastSchema = Type.Object({
  from: timestamp,
  to: Type.String({ format: 'date-time', description: 'Exclusive.' }),
  step: oneOf(Object.keys(forecastStepMs)),
  buckets: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time', description: 'Where the bucket begins.' }),
      jobs: Type.Integer({ minimum: 1 }),
      queue: Type.Optional(Type.String({ description: 'With `by=queue`.' })),
      ownerId: Type.Optional(Type.String({ description: 'With `by=owner`.' })),
    }),
    { description: 'Oldest first; a time that is not there has no jobs.' },
  ),
  next: Type.Optional(
    Type.String({ description: 'The `cursor` of the next page, when more buckets follow.' }),
  ),
});

const lateMs = (description: string) => Type.Integer({ minimum: 0, description });

export const latenessSchema = Type.Object({
  from: timestamp,
  to: Type.String({ format: 'date-time', description: 'Exclusive.' }),
  step: oneOf(Object.keys(forecastStepMs)),
  buckets: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time', description: 'Where the bucket begins.' }),
      starts: Type.Integer({
        minimum: 1,
        description: 'Of what was due in it: each attempt that started, in ms from due to started.',
      }),
      p50Ms: lateMs('Half of them were no later; percentiles are right to a sixteenth.'),
      p90Ms: lateMs('Nine of ten were no later.'),
      p99Ms: lateMs('99 of a hundred were no later.'),
      maxMs: lateMs('The latest; exact.'),
    }),
    { description: 'Oldest first; a time that is not there had no start.' },
  ),
});
