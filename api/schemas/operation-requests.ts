import { Type, type Static } from '@sinclair/typebox';
import { jobStatuses } from '../../domain/job/state';
import { operationKinds } from '../../domain/operation/definition';
import { LIMITS } from '../access/limits';
import { askedTimestamp, visibleText } from './job-requests';
import { oneOf, strict } from './parts';

const { operations } = LIMITS;

const id = (description: string) => Type.String({ format: 'uuid', description });

const filter = Type.Object(
  {
    status: Type.Optional(
      Type.Array(oneOf(jobStatuses), {
        minItems: 1,
        maxItems: 8,
        description: 'Not given: those that the kind can change.',
      }),
    ),
    from: Type.Optional({ ...askedTimestamp, description: 'Due at this time or later.' }),
    to: Type.Optional({ ...askedTimestamp, description: 'Due before this time.' }),
    tag: Type.Optional(visibleText(LIMITS.tagLength, 'Has this tag.')),
    queue: Type.Optional(Type.String({ format: 'queue-name', description: 'Goes to this queue.' })),
    scheduleId: Type.Optional(id('Comes from this schedule.')),
    errorCode: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: LIMITS.errorCodeLength,
        description: 'Failed for good with an error of this code.',
      }),
    ),
    q: Type.Optional(visibleText(LIMITS.searchLength, 'Part of the name, read literally.')),
    ownerId: Type.Optional(visibleText(255, 'Operators only: those of one owner.')),
  },
  {
    ...strict,
    description:
      'What GET /v1/jobs is narrowed by. It is read once, as of a moment: jobs that are scheduled later are not among it. Empty: all that the kind can change.',
  },
);

const reason = Type.Optional(
  visibleText(LIMITS.reasonLength, 'For the history of the operation and of each of its jobs.'),
);

export const operationBody = Type.Object(
  {
    kind: oneOf(operationKinds),
    filter: Type.Optional(filter),
    jobIds: Type.Optional(
      Type.Array(id('The `jobId` of an answer.'), {
        minItems: 1,
        maxItems: operations.jobIds,
        description: 'Instead of a filter.',
      }),
    ),
    by: Type.Optional(
      Type.String({
        format: 'duration',
        description:
          'Of a move: how much later each job is due, as ISO 8601 writes it; with a minus in front, earlier.',
        examples: ['PT90M', '-P1D'],
      }),
    ),
    reason,
    dryRun: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Changes nothing: the answer is how many jobs it would be about, and some.',
      }),
    ),
    since: Type.Optional({
      ...askedTimestamp,
      description:
        'Of a dry run: when its jobs were looked at. The answer says how many of them have started since.',
    }),
  },
  { ...strict, title: 'Operation' },
);
export type OperationBody = Static<typeof operationBody>;

export const endingBody = Type.Object({ reason }, strict);
