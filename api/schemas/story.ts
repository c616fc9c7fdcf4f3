import { Type } from '@sinclair/typebox';
import { jobStatuses } from '../../domain/job/state';
import { actor, integerOrNull, oneOf, position, timestamp } from './parts';

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
  text: Type.String({ description: 'All of it for people.' }),
});
