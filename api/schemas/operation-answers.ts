import { Type } from '@sinclair/typebox';
import { jobStatuses } from '../../domain/job/state';
import { operationKinds } from '../../domain/operation/definition';
import { operationStatuses } from '../../domain/operation/state';
import { LIMITS } from '../access/limits';
import { jobSchema } from './job-answers';
import { oneOf, position, timestamp, timestampOrNull } from './parts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

const operationProperties = {
  operationId: Type.String({ format: 'uuid' }),
  ownerId: Type.String({ description: 'Who started it.' }),
  kind: oneOf(operationKinds),
  status: oneOf(operationStatuses, {
    description:
      '`selecting`: its jobs are being looked up. `stopping`: it ends with the batch that is under way. The last two are its end.',
  }),
  filter: Type.Optional(Type.Object({}, { additionalProperties: true })),
  undoes: Type.Optional(
    Type.String({ format: 'uuid', description: 'The operation that this one undoes.' }),
  ),
  by: Type.Optional(Type.String({ format: 'duration' })),
  reason: Type.Optional(Type.String()),
  asOf: Type.Optional(
    Type.String({ description: 'The position of the log as of which its jobs were selected.' }),
  ),
  items: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'How many jobs it is about; null until they are selected.',
  }),
  progress: Type.Object({
    waiting: count('Jobs that it has not come to.'),
    changed: count('Jobs that it has changed.'),
    unchanged: count('Jobs that were so already.'),
    refused: count('Jobs that could not be changed; their items say why.'),
    left: count('Jobs that were not tried, for it was stopped.'),
  }),
  revision: Type.Integer({ minimum: 0, description: 'The ETag, for If-Match.' }),
  startedAt: timestamp,
  endedAt: timestampOrNull,
  note: Type.Optional(Type.String({ description: 'Why it was stopped.' })),
};

export const operationSchema = Type.Object(
  { ...operationProperties, position: Type.Optional(position) },
  { $id: 'Operation', title: 'Operation' },
);

export const dryRunSchema = Type.Object({
  dryRun: Type.Literal(true),
  kind: oneOf(operationKinds),
  count: count('Jobs that it would be about now.'),
  sample: Type.Array(jobSchema, {
    description: `The ${LIMITS.operations.sample} that are due soonest; without payloads.`,
  }),
  others: Type.Array(Type.Object({ status: oneOf(jobStatuses), count: count('Jobs with it.') }), {
    description:
      'Jobs that it would not be about for their status, by that: of those that are named, or of those that fit the filter but for its `status`.',
  }),
  isComplete: Type.Boolean({
    description:
      'False when more jobs fit than `countedJobs` of GET /v1/limits, or would have to be looked at: of each status there are at least so many.',
  }),
  startedSince: Type.Optional(
    count(
      'With `since`: how many of the others were there at that time, and have started since; at least so many unless `isComplete`.',
    ),
  ),
  unknown: Type.Optional(
    count('With `jobIds`: how many of those that are named are none, or somebody else’s.'),
  ),
});

export const operationListSchema = Type.Object({
  items: Type.Array(Type.Object(operationProperties), { description: 'The newest first.' }),
  nextCursor: Type.Optional(Type.String({ description: 'There when more operations follow.' })),
});

export const itemOutcomes = ['waiting', 'changed', 'unchanged', 'refused', 'left'] as const;

export const itemListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      item: count('Its place among all, from 0 on.'),
      jobId: Type.String({ format: 'uuid' }),
      name: Type.Optional(
        Type.String({ description: 'Absent for a job that is not there, or somebody else’s.' }),
      ),
      outcome: oneOf(itemOutcomes),
      code: Type.Optional(
        Type.String({ description: 'Of a refused one: why, as docs/errors.md lists it.' }),
      ),
    }),
    { description: 'In the order in which the operation goes through them.' },
  ),
  nextCursor: Type.Optional(Type.String({ description: 'There when more items follow.' })),
});
