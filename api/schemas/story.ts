import { Type } from '@sinclair/typebox';
import { jobStatuses } from '../../domain/job/status';
import { actor, position, timestamp } from './job-answers';

export const storySchema = Type.Object({
  jobId: Type.String({ format: 'uuid' }),
  verdict: Type.Object({
    ran: Type.Unsafe<string>({
      type: 'string',
      enum: ['on-time', 'late', 'not-yet', 'no'],
      description:
        'Whether the newest attempt started; late is a second or more after its due time.',
    }),
    status: Type.Unsafe<string>({ type: 'string', enum: [...jobStatuses] }),
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
      lateMs: Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        description: 'How long after the due time a dispatch, a start or an expiry came.',
      }),
    }),
    { description: 'Oldest first.' },
  ),
  text: Type.String({ description: 'All of it for people.' }),
});
