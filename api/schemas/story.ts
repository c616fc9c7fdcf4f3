import { Type } from '@sinclair/typebox';
import { attemptEnds } from '../../domain/audit/attempts';
import { jobStatuses } from '../../domain/job/state';
import {
  actor,
  integerOrNull,
  jobError,
  oneOf,
  position,
  timestamp,
  timestampOrNull,
} from './parts';

export const storySchema = Type.Object({
  jobId: Type.String({ format: 'uuid' }),
  verdict: Type.Object({
    ran: oneOf(['on-time', 'late', 'not-yet', 'no'], {
      description:
        'Whether the newest attempt started; late is a second or more after its due time.',
    }),
    status: oneOf(jobStatuses),
    why: Type.String({ description: 'One or more sentences.' }),
  }),
  steps: Type.Array(
    Type.Object({
      time: timestamp,
      type: Type.String(),
      sentence: Type.String(),
      actor,
      commandId: Type.String(),
      causationId: Type.String(),
      revision: Type.Integer(),
      position,
      waitedFor: Type.Array(Type.Object({ for: Type.String(), ms: Type.Integer() }), {
        description: 'What it had waited for since the step before.',
      }),
      lateMs: integerOrNull('How long after the due time a dispatch, a start or an expiry came.'),
    }),
    { description: 'Oldest first.' },
  ),
  attempts: Type.Array(
    Type.Object({
      attempt: Type.Integer({
        minimum: 1,
        description: 'From 1, and from 1 again when the job is redriven.',
      }),
      dueAt: timestamp,
      dispatchedAt: timestamp,
      deliveries: Type.Integer({ minimum: 1, description: 'Messages that were sent for it.' }),
      startedAt: timestampOrNull,
      executorId: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
      endedAt: timestampOrNull,
      ended: Type.Unsafe<(typeof attemptEnds)[number] | null>({
        enum: [...attemptEnds, null],
        description:
          'How it ended; `withdrawn`: the job was moved or cancelled before it was started.',
      }),
      error: Type.Union([jobError, Type.Null()]),
    }),
    { description: 'Oldest first, each from the message on that was sent for it.' },
  ),
  text: Type.String({ description: 'All of it for people.' }),
});
